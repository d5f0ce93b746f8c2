"""CSV for spreadsheets, safe to be opened in one."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from bartizan.report.result import Result
from bartizan.report.wording import several_lines
from bartizan.triage.ranking import Ranked

PLACE = ("target", "path", "member", "line", "column", "offset", "commit", "url", "host", "port", "record")
COLUMNS = (
    "id",
    "rule",
    "title",
    "severity",
    "confidence",
    "risk",
    "status",
    "accepted",
    "asset_kind",
    "asset_name",
    *PLACE,
    "evidence",
    "frameworks",
    "references",
    "remediation",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection), full-width forms included."""


def write(result: Result, stream: BinaryIO) -> None:
    """A header and one row for each finding, RFC 4180."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in result.findings:
        writer.writerow([cell(value) for value in _row(entry)])
        if text.tell() > 1 << 20:
            stream.write(text.getvalue().encode())
            text.seek(0)
            text.truncate()
    stream.write(text.getvalue().encode())


def cell(value: object) -> str | int | float:
    """Numbers as they are; text without control characters, and with an apostrophe before what starts a formula."""
    if isinstance(value, int | float):
        return value
    text = several_lines("" if value is None else str(value))
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _row(entry: Ranked) -> list[object]:
    found, asset = entry.finding, entry.asset
    place = found.location.as_dict()
    return [
        entry.id,
        found.rule,
        found.title,
        found.severity.value,
        found.confidence.value,
        entry.risk.value,
        entry.status,
        entry.accepted.reason if entry.accepted else "",
        asset.kind.value if asset else "",
        asset.name if asset else "",
        *(place.get(name) for name in PLACE),
        "; ".join(piece.summary for piece in found.evidence),
        " ".join(found.frameworks),
        " ".join(found.references),
        found.remediation,
    ]
