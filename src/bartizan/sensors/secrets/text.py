"""A stretch of text to look for credentials in: as stored, or decoded from something stored."""

from __future__ import annotations

import mmap
from bisect import bisect_right
from dataclasses import dataclass, replace

from bartizan.model.blob import Buffer
from bartizan.model.location import Location

_STEP = 1 << 20


class Lines:
    """Line and column of offsets, counted as far as asked for."""

    def __init__(self, data: Buffer, encoding: str = "utf-8") -> None:
        self._data = data
        self._encoding = encoding
        self._offset = 0
        self._line = 1
        self._begin = 0

    def at(self, offset: int) -> tuple[int, int]:
        """Both from 1; a column is counted in characters."""
        if offset < self._offset:
            self._offset, self._line, self._begin = 0, 1, 0
        while self._offset < offset:
            stop = min(offset, self._offset + _STEP)
            piece = bytes(self._data[self._offset : stop])
            count = piece.count(b"\n")
            if count:
                self._line += count
                self._begin = self._offset + piece.rfind(b"\n") + 1
            release(self._data, self._offset, stop)
            self._offset = stop
        start = max(self._begin, offset - 100_000)
        ahead = bytes(self._data[start:offset]).decode(self._encoding, "replace")
        return self._line, start - self._begin + len(ahead) + 1


def release(data: Buffer, start: int, stop: int) -> None:
    """Let the system take back what was read of a mapped file, so that memory stays bounded."""
    if isinstance(data, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        whole = (start // mmap.PAGESIZE) * mmap.PAGESIZE
        data.madvise(mmap.MADV_DONTNEED, whole, min(stop, len(data)) - whole)


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """`data` with the way back to the blob.

    `base` is the offset of its first byte there. `layers` says what was undone, outermost first (`base64`, `UTF-16`).
    `segments` pairs offsets in `data` with offsets in the blob at which each decoded run begins; empty when the text
    stands there as it is. `lines` is None where lines mean nothing (databases, bytecode). `records` pairs offsets
    in `data` with the name of the record that begins there. `is_binary` tells that values may touch their
    neighbours without a separator.
    """

    data: bytes
    location: Location
    base: int = 0
    layers: tuple[str, ...] = ()
    segments: tuple[tuple[int, int], ...] = ()
    records: tuple[tuple[int, str], ...] = ()
    lines: Lines | None = None
    is_binary: bool = False
    is_name: bool = False
    """Whether it is the name of the blob, not its content."""

    def stored_at(self, offset: int) -> int:
        """The offset in the blob of what stands at `offset`; within a decoded run, that of the run."""
        if not self.segments:
            return self.base + offset
        index = bisect_right(self.segments, (offset, 1 << 62)) - 1
        return self.segments[max(index, 0)][1]

    def place(self, offset: int) -> Location:
        """Where in the blob a person should look for what stands at `offset`."""
        if self.is_name:
            return self.location
        stored = self.stored_at(offset)
        if self.lines is None:
            return replace(self.location, offset=stored, record=self._record(offset) or self.location.record)
        line, column = self.lines.at(stored)
        return replace(self.location, line=line, column=column)

    def decoded(self, data: bytes, segments: list[tuple[int, int]], layer: str) -> Text:
        """A text made of runs of this one. `segments` pairs offsets in `data` with offsets in this text."""
        mapped = tuple((made, self.stored_at(origin)) for made, origin in segments)
        records = tuple((made, self._record(origin)) for made, origin in segments) if self.records else ()
        return replace(
            self, data=data, base=0, layers=(*self.layers, layer), segments=mapped, records=records, is_binary=False
        )

    def _record(self, offset: int) -> str:
        index = bisect_right(self.records, (offset, "\U0010ffff")) - 1
        return self.records[index][1] if index >= 0 else ""
