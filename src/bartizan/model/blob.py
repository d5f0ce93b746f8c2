"""Bytes with an origin: a file, a git object, an archive member, an image layer, a fetched script."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from dataclasses import dataclass

from bartizan.model.location import Location

Buffer = bytes | memoryview | mmap.mmap
"""What a blob's content may be: large files are mapped, members of a mapped archive are views of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """One file's worth of bytes, read once for every sensor.

    `format` is a word of `sources.format`, decided by content before name (`text`, `zip`, `pickle`, `gguf`, …;
    `data` when nothing is known). `inside` lists the formats of the containers around it, outermost first.
    `mode` holds the file's permission bits where the origin has them. `is_new` is set for history only and tells
    whether a line (from 1) was added by the blob's own commit.
    """

    location: Location
    data: Buffer
    format: str = "data"
    inside: tuple[str, ...] = ()
    mode: int | None = None
    is_new: Callable[[int], bool] | None = None

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    @property
    def inner_path(self) -> str:
        """The path within the innermost container: of the last archive level, else of the target."""
        return (self.location.member or "").rpartition("!")[2] or self.location.path or ""

    @property
    def name(self) -> str:
        """The innermost file name: the last part of the last archive level."""
        return self.inner_path.rpartition("/")[2]

    @property
    def is_past(self) -> bool:
        """Whether this is a state of history: what it asks for may be installed nowhere any more."""
        return self.location.commit is not None

    def bytes(self, start: int = 0, stop: int | None = None) -> bytes:
        """A copy of part of the content (all of it by default), as bytes; no copy when it already is."""
        if start == 0 and stop is None and isinstance(self.data, bytes):
            return self.data
        return bytes(self.data[start : len(self.data) if stop is None else stop])
