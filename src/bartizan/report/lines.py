"""JSON Lines: one finding a line, as in the document, with the asset it stands on."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from bartizan.report.document import encode, make_finding
from bartizan.report.result import Result


def write(result: Result, stream: BinaryIO) -> None:
    """One line for each finding, the most urgent first."""
    for entry in result.findings:
        line = msgspec.to_builtins(make_finding(entry), enc_hook=str)
        if entry.asset is not None:
            line["asset_kind"], line["asset_name"] = entry.asset.kind.value, entry.asset.name
        line["scan"] = result.scan.id
        stream.write(encode(line))
        stream.write(b"\n")
