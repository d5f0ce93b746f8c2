"""safetensors: a JSON header that must account for every byte. Format: the README of huggingface/safetensors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bartizan.sensors.models.issue import Issue, Reading, structure_digest
from bartizan.sensors.models.pickles.names import Standing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

_HEADER = 100_000_000
_BITS = re.compile(r"[A-Z]+(\d+)(?:_E\dM\d\w*)?\Z")
_SHOWN = 6


def read_safetensors(reading: Reading, bench: Bench, data: Buffer) -> None:
    """Check the header against the file."""
    reading.format = "safetensors"
    size = len(data)
    length = int.from_bytes(data[:8], "little")
    if length > min(size - 8, _HEADER):
        _flaw(reading, f"a header of {length} bytes in a file of {size}")
        return
    doubles: list[str] = []
    try:
        header = json.loads(bytes(data[8 : 8 + length]), object_pairs_hook=lambda pairs: _noting(pairs, doubles))
    except (ValueError, RecursionError):
        _flaw(reading, "the header is no JSON")
        return
    if not isinstance(header, dict):
        _flaw(reading, "the header is no JSON object")
        return
    if doubles:
        _flaw(reading, f"the header names {', '.join(sorted(set(doubles))[:_SHOWN])} twice")
    metadata = header.pop("__metadata__", {})
    reading.properties["tensors"] = len(header)
    reading.properties["structure"] = structure_digest(
        f"{name} {entry.get('dtype')} {entry.get('shape')}" for name, entry in header.items() if isinstance(entry, dict)
    )
    if isinstance(metadata, dict):
        reading.properties["metadata"] = {str(k)[:100]: str(v)[:200] for k, v in list(metadata.items())[:20]}
        _templates(reading, bench, metadata)
    flaws = list(_flaws(header, size - 8 - length))
    if flaws:
        _flaw(reading, "; ".join(flaws[:_SHOWN]))


def _flaw(reading: Reading, text: str) -> None:
    reading.worsen(Standing.REVIEW)
    reading.add(Issue("safetensors-header", text, offset=0, proof="header"))


def _noting(pairs: list[tuple[str, Any]], doubles: list[str]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                doubles.append(key)
            seen.add(key)
    return table


def _flaws(header: dict[str, Any], room: int) -> Iterator[str]:
    spans: list[tuple[int, int, str]] = []
    for name, entry in header.items():
        span = entry.get("data_offsets") if isinstance(entry, dict) else None
        if not (isinstance(span, list) and len(span) == 2 and all(type(at) is int for at in span)):
            yield f"{name[:80]!r} has no place"
            continue
        start, stop = span
        if not 0 <= start <= stop <= room:
            yield f"{name[:80]!r} lies at {start} to {stop}, outside the file"
        expected = _size(entry)
        if expected is None:
            yield f"{name[:80]!r} has no valid type or shape"
        elif expected != stop - start:
            yield f"{name[:80]!r} of {stop - start} bytes should have {expected}"
        spans.append((start, stop, name))
    yield from _holes(sorted(spans), room)


def _size(entry: dict[str, Any]) -> int | None:
    match = _BITS.match(str(entry.get("dtype", "")).replace("BOOL", "B8"))
    shape = entry.get("shape")
    if not match or not isinstance(shape, list) or not all(type(extent) is int and extent >= 0 for extent in shape):
        return None
    count = 1
    for extent in shape:
        count *= extent
        if count > 1 << 63:
            return None
    return count * int(match.group(1)) // 8


def _holes(spans: list[tuple[int, int, str]], room: int) -> Iterator[str]:
    at = 0
    for start, stop, name in spans:
        if start < at:
            yield f"{name[:80]!r} overlaps the tensor before it"
        elif start > at:
            yield f"{start - at} bytes before {name[:80]!r} belong to no tensor"
        at = max(at, stop)
    if at < room:
        yield f"{room - at} bytes behind the last tensor belong to none"


def _templates(reading: Reading, bench: Bench, metadata: dict[Any, Any]) -> None:
    from bartizan.sensors.models.templates import template_issues

    for key, value in metadata.items():
        if isinstance(value, str) and "{" in value and "template" in str(key).lower():
            reading.add(*template_issues(bench, value, f"metadata {key}"))
            if reading.issues:
                reading.worsen(Standing.DENY)
