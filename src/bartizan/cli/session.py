"""Runs a scan for a person: progress, reports, summary, exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from bartizan.cli.meter import Meter
from bartizan.model.errors import UsageError
from bartizan.report.format import Format, format_named, format_of
from bartizan.report.result import Result
from bartizan.scan.execution import execute
from bartizan.scan.request import Request

INTERRUPTED = 130


def run(request: Request, options: dict[str, Any]) -> int:
    """Check what must be writable, scan, write what was asked for, and return the exit code."""
    quiet = bool(options["quiet"])
    outputs = [(Path(name), format_of(name)) for name in options["output"]]
    stdout = format_named(options["form"] or "table")
    for path, _ in outputs:
        _must_be_writable(path)
    with Meter(quiet=quiet) as meter:
        scan, work = execute(request, meter.show, _warn)
    result = Result.of(scan, work.inventory)
    _write(outputs, stdout, result)
    if options["fail_on"] and result.fails(options["fail_on"]):
        return 1
    if work.interrupted:
        return INTERRUPTED
    return 3 if work.inventory.errors() else 0


def _must_be_writable(path: Path) -> None:
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from None


def _write(outputs: list[tuple[Path, Format]], stdout: Format, result: Result) -> None:
    for path, form in outputs:
        with path.open("wb") as stream:
            form.write(result, stream)
    stdout.write(result, sys.stdout.buffer)


def _warn(what: str) -> None:
    sys.stderr.write(f"bartizan: {what}\n")
