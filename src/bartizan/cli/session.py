"""Runs a scan for a person: progress, reports, exit code."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from bartizan.cli.main import INTERRUPTED, plain
from bartizan.cli.meter import Meter
from bartizan.cli.outlet import ClosedOutputError, abandon_output
from bartizan.model.errors import OutputError
from bartizan.model.rule import Rule
from bartizan.model.severity import Severity
from bartizan.report.format import Writer, format_named, format_of
from bartizan.report.result import Result, make_result
from bartizan.rules.library import Library
from bartizan.scan.execution import Ended, execute
from bartizan.scan.request import Request
from bartizan.triage.baseline import read_baseline


def run(request: Request, options: dict[str, Any]) -> int:
    """Check what must be readable and writable, scan, write what was asked for, and return the exit code."""
    outputs = [(Path(name), format_of(name).load()) for name in options["output"]]
    stdout = format_named(options["form"] or "table").load()
    baseline = read_baseline(options["baseline"]) if options["baseline"] else None
    for path, _ in outputs:
        _must_be_writable(path)
    with Meter(quiet=bool(options["quiet"])) as meter:
        ended = execute(request, meter.show, _warn)
    result = make_result(
        ended.scan,
        ended.inventory,
        paths=ended.paths,
        acceptances=ended.acceptances,
        baseline=baseline,
        rules=_rules_of(ended, request),
    )
    _write(outputs, result)
    if options["form"] or not options["quiet"]:
        try:
            stdout(result, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        except ClosedOutputError:  # whoever reads no further may still ask how it ended
            abandon_output()
    return _code(ended, result, options["fail_on"])


def _rules_of(ended: Ended, request: Request) -> dict[str, Rule]:
    """The rules of the domains that found something; the others need not be decoded."""
    library = Library(request.settings.packs)
    domains = {finding.rule.partition("/")[0] for finding in ended.inventory.findings.values()}
    return {key: rule for domain in domains & set(library.domains) for key, rule in library.rules(domain).items()}


def _code(ended: Ended, result: Result, fail_on: str | None) -> int:
    if ended.interrupted:
        return INTERRUPTED
    if fail_on and result.gating(Severity(fail_on)):
        return 1
    return 3 if ended.inventory.errors() else 0


def _must_be_writable(path: Path) -> None:
    """Try it before the work is done; what already stands there stays until the result replaces it."""
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise OutputError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if not existed:
        with suppress(OSError):
            path.unlink()


def _write(outputs: list[tuple[Path, Writer]], result: Result) -> None:
    for path, write in outputs:
        try:
            with path.open("wb") as stream:
                write(result, stream)
        except OSError as error:
            raise OutputError(f"{path}: {(error.strerror or str(error)).lower()}") from None


def _warn(what: str) -> None:
    sys.stderr.write(f"bartizan: {plain(what)}\n")
