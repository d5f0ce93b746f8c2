"""Markdown for tickets, pull requests and wikis."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from bartizan.report.result import Result
from bartizan.report.table import where
from bartizan.report.wording import one_line
from bartizan.triage.ranking import Ranked

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~<>&$@:-])")


def write(result: Result, stream: BinaryIO) -> None:
    """Summary, one table row for each finding, paths, and what was not looked at."""
    stream.writelines(line.encode() + b"\n" for line in _lines(result))


def escape(text: str) -> str:
    """Text that Markdown shows as it is: no link, image, mention, markup or HTML comes of it."""
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match.group(), "\\" + match.group()), one_line(text))


_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;", ":": "&#58;"}
"""Characters for which a backslash does not keep some readers from linking or rendering."""


def code(text: str) -> str:
    """A code span; its fence is longer than any run of back-quotes inside, and pipes stay out of tables."""
    line = one_line(text).replace("|", "¦") or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _lines(result: Result) -> Iterator[str]:
    scan = result.scan
    yield "# Bartizan report"
    yield ""
    yield f"Targets: {', '.join(code(target) for target in scan.targets) or 'none'}  "
    yield f"Scan {code(scan.id)} of {scan.started:%Y-%m-%d %H:%M} UTC with version {escape(scan.version)}"
    yield ""
    counts = result.counts()
    yield f"| {' | '.join(counts)} | accepted |"
    yield f"| {' | '.join('---:' for _ in counts)} | ---: |"
    yield f"| {' | '.join(str(count) for count in counts.values())} | {len(result.acceptances.in_force)} |"
    yield from _findings(result)
    yield from _paths(result)
    yield from _assets(result)
    yield from _errors(result)


def _findings(result: Result) -> Iterator[str]:
    yield ""
    yield "## Findings"
    yield ""
    if not result.findings:
        yield "None."
        return
    yield "| Risk | Severity | Rule | Where | What | Fix |"
    yield "| ---: | --- | --- | --- | --- | --- |"
    for entry in result.findings:
        found = entry.finding
        cells = (
            f"{entry.risk.value:.1f}",
            _marked(entry),
            code(found.rule),
            code(where(entry)),
            escape(" ".join((found.evidence[0].summary if found.evidence else found.title).split())),
            escape(" ".join(found.remediation.split())),
        )
        yield f"| {' | '.join(cells)} |"


def _marked(entry: Ranked) -> str:
    marks = [entry.finding.severity.value, "new" if entry.status == "new" else "", "accepted" if entry.accepted else ""]
    return ", ".join(mark for mark in marks if mark)


def _paths(result: Result) -> Iterator[str]:
    if result.paths:
        yield ""
        yield "## Attack paths"
        yield ""
        for way in result.paths:
            yield f"1. {escape(way.title)} (risk {way.risk:.0f})"
            yield from (f"   - {escape(step.text or step.asset)}" for step in way.steps)


def _assets(result: Result) -> Iterator[str]:
    kinds = Counter(asset.kind.value for asset in result.inventory.assets.values())
    if kinds:
        yield ""
        yield "## Assets"
        yield ""
        yield "| Kind | Number |"
        yield "| --- | ---: |"
        yield from (f"| {kind} | {count} |" for kind, count in sorted(kinds.items()))


def _errors(result: Result) -> Iterator[str]:
    errors = result.inventory.errors()
    if errors:
        yield ""
        yield "## Not looked at"
        yield ""
        yield from (f"- {code(gap.target)}: {escape(gap.reason)}" for gap in errors)
