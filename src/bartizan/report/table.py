"""The table for people: on a terminal with colours, elsewhere as plain text."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from bartizan.report.result import Result
from bartizan.report.wording import flowing, one_line, shortened
from bartizan.triage.ranking import Ranked

if TYPE_CHECKING:
    from rich.table import Table

COLOURS = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim"}
_WIDTH = 72
"""Characters of the longest place in plain text."""


def write(result: Result, stream: BinaryIO) -> None:
    """Findings, the most urgent first, then what was looked at and what was not."""
    if stream.isatty():
        _write_rich(result, stream)
        return
    stream.writelines(line.encode() + b"\n" for line in plain_lines(result))


def plain_lines(result: Result) -> Iterator[str]:
    """The table without colours or frames."""
    rows = [("RISK", "SEVERITY", "RULE", "WHERE", "WHAT"), *(_cells(entry) for entry in result.findings)]
    if result.findings:
        yield from aligned(rows, right=(0,))
        yield ""
    yield from summary(result)


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> Iterator[str]:
    """Lines of columns, two blanks apart; all rows are as long as the first. Columns of `right` end flush."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def summary(result: Result) -> Iterator[str]:
    """What was found in one line, then what limits it."""
    counts = ", ".join(f"{count} {severity}" for severity, count in result.counts().items() if count)
    accepted = f", {len(result.acceptances.in_force)} accepted" if result.acceptances.in_force else ""
    yield f"Findings: {counts or 'none'}{accepted}"
    kinds = Counter(asset.kind.value for asset in result.inventory.assets.values())
    yield f"Assets:   {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items())) or 'none'}"
    if result.paths:
        yield f"Paths:    {len(result.paths)}, the worst: {one_line(result.paths[0].title)}"
    if result.has_baseline:
        known = sum(entry.status == "known" for entry in result.findings)
        yield f"Baseline: {len(result.findings) - known} new, {known} known, {len(result.fixed)} fixed"
    for acceptance in result.acceptances.expired:
        yield f"Expired:  the acceptance of {acceptance.finding[:12]} ended on {acceptance.until}"
    for acceptance in result.acceptances.unused:
        yield f"Unused:   the acceptance of {acceptance.finding[:12]}: no such finding any more"
    errors = result.inventory.errors()
    if errors:
        yield f"Errors:   {len(errors)} could not be looked at"
        yield from (f"  {one_line(gap.target)}: {one_line(gap.reason)}" for gap in errors[:20])
        if len(errors) > 20:
            yield f"  and {len(errors) - 20} more"


def _cells(entry: Ranked) -> tuple[str, str, str, str, str]:
    found = entry.finding
    notes = [
        note for note in (entry.status if entry.status == "new" else "", "accepted" if entry.accepted else "") if note
    ]
    what = found.evidence[0].summary if found.evidence else found.title
    marked = f"{what} ({', '.join(notes)})" if notes else what
    place = shortened(one_line(where(entry)), _WIDTH)
    return f"{entry.risk.value:.1f}", found.severity.value, one_line(found.rule), place, flowing(marked)


def where(entry: Ranked) -> str:
    """The place, or the asset's name where a finding has none."""
    return str(entry.finding.location) or (entry.asset.name if entry.asset else "")


def _write_rich(result: Result, stream: BinaryIO) -> None:
    from rich.console import Console

    wrapped = io.TextIOWrapper(stream, encoding="utf-8", write_through=True)
    try:
        console = Console(file=wrapped, highlight=False, markup=False, emoji=False)
        if result.findings:
            console.print(_table(result))
            console.print()
        for line in summary(result):
            console.print(line)
    finally:
        wrapped.detach()


def _table(result: Result) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    table.add_column("Risk", justify="right", no_wrap=True)
    table.add_column("Severity", no_wrap=True)
    table.add_column("Finding", overflow="fold", ratio=3)
    table.add_column("Where", overflow="fold", ratio=3)
    table.add_column("What", overflow="fold", ratio=5)
    for entry in result.findings:
        risk, severity, rule, place, what = _cells(entry)
        colour = "dim" if entry.accepted else COLOURS[severity]
        table.add_row(risk, Text(severity, style=colour), Text(rule), Text(place), Text(what))
    return table
