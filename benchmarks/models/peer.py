"""Asks one tool about every artefact of a folder, inside the tool's own environment: peer.py TOOL FOLDER OUT.json.

Verdicts: `alarm` (the tool reports a finding of at least medium, or its nearest word), `clean`, `unknown` (an error, or
the format is not supported). An artefact is a file or a folder directly below FOLDER.
"""

from __future__ import annotations

import json
import logging
import os
import pathlib
import sys
import time
from collections.abc import Callable


def picklescan() -> Callable[[str], str]:
    from picklescan.scanner import scan_directory_path, scan_file_path

    def ask(path: str) -> str:
        result = scan_directory_path(path) if os.path.isdir(path) else scan_file_path(path)
        if result.issues_count or result.infected_files:
            return "alarm"
        return "unknown" if result.scan_err or not result.scanned_files else "clean"

    return ask


def modelscan() -> Callable[[str], str]:
    from modelscan.modelscan import ModelScan

    def ask(path: str) -> str:
        scanner = ModelScan()
        report = scanner.scan(pathlib.Path(path))
        if report["summary"]["total_issues"]:
            return "alarm"
        return "unknown" if report.get("errors") or not report["summary"]["scanned"]["total_scanned"] else "clean"

    return ask


def fickling() -> Callable[[str], str]:
    from fickling.analysis import Severity, check_safety
    from fickling.fickle import StackedPickle

    def ask(path: str) -> str:
        with open(path, "rb") as file:
            stack = StackedPickle.load(file)
        worst = max((check_safety(each).severity for each in stack), key=lambda value: value.value[0])
        return "alarm" if worst.value[0] > Severity.POSSIBLY_UNSAFE.value[0] else "clean"

    return ask


def modelaudit() -> Callable[[str], str]:
    from modelaudit.core import scan_model_directory_or_file

    def ask(path: str) -> str:
        results = scan_model_directory_or_file(path, timeout=60)
        issues = [str(getattr(issue, "severity", "")).lower() for issue in results.issues]
        if any("critical" in severity or "warning" in severity for severity in issues):
            return "alarm"
        return "unknown" if not results.files_scanned or results.has_errors else "clean"

    return ask


def main() -> None:
    tool, folder, out = sys.argv[1:4]
    os.environ.update(PROMPTFOO_DISABLE_TELEMETRY="1", NO_ANALYTICS="1", DO_NOT_TRACK="1")
    logging.disable(logging.CRITICAL)
    ask = {"picklescan": picklescan, "modelscan": modelscan, "fickling": fickling, "modelaudit": modelaudit}[tool]()
    verdicts: dict[str, str] = {}
    start = time.process_time()
    for name in sorted(os.listdir(folder)):
        try:
            verdicts[name] = ask(os.path.join(folder, name))
        except BaseException as error:  # noqa: BLE001 - whatever a tool raises, it has given no verdict
            if isinstance(error, KeyboardInterrupt):
                raise
            verdicts[name] = "unknown"
    pathlib.Path(out).write_text(json.dumps({"seconds": time.process_time() - start, "verdicts": verdicts}))


if __name__ == "__main__":
    main()
