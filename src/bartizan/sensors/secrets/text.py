"""A stretch of text to look for credentials in: as stored, or decoded from something stored."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from bartizan.model.location import Location


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """`data` with the way back to the blob.

    `layers` says what was undone, outermost first (`base64`, `utf-16`). `segments` pairs offsets in `data` with
    offsets in the blob where each run of it begins; empty when both are the same. `has_lines` is false where lines
    mean nothing (databases, bytecode). `records` pairs offsets in `data` with the name of the record that begins there.
    `is_binary` tells that values may touch their neighbours without a separator.
    """

    data: bytes
    location: Location
    layers: tuple[str, ...] = ()
    segments: tuple[tuple[int, int], ...] = ()
    records: tuple[tuple[int, str], ...] = ()
    lines: Lines | None = None
    is_binary: bool = False

    def stored_at(self, offset: int) -> int:
        """The offset in the blob of what stands at `offset`; within a decoded run, that of the run."""
        if not self.segments:
            return offset
        index = bisect_right(self.segments, (offset, 1 << 62)) - 1
        return self.segments[max(index, 0)][1]

    def place(self, offset: int) -> Location:
        """Where in the blob a person should look for what stands at `offset`."""
        stored = self.stored_at(offset)
        if self.lines is None:
            record = self._record(offset)
            return replace(self.location, offset=stored, record=record or self.location.record)
        line, column = self.lines.at(stored)
        return replace(self.location, line=line, column=column)

    def _record(self, offset: int) -> str:
        index = bisect_right(self.records, (offset, "\uffff")) - 1
        return self.records[index][1] if index >= 0 else ""


class Lines:
    """Line and column of offsets, counted as far as asked for."""

    def __init__(self, data: bytes | memoryview, first: int = 1, encoding: str = "utf-8") -> None:
        self._data = data
        self._encoding = encoding
        self._offset = 0
        self._line = first
        self._begin = 0
        self._first = first

    def at(self, offset: int) -> tuple[int, int]:
        """Both from 1; a column is counted in characters."""
        if offset < self._offset:
            self._offset, self._line, self._begin = 0, self._first, 0
        between = bytes(self._data[self._offset : offset])
        count = between.count(b"\n")
        if count:
            self._line += count
            self._begin = self._offset + between.rfind(b"\n") + 1
        self._offset = offset
        start = max(self._begin, offset - 100_000)
        ahead = bytes(self._data[start:offset]).decode(self._encoding, "replace")
        return self._line, start - self._begin + len(ahead) + 1
