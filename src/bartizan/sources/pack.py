"""One pack file: objects by offset, deltas resolved."""

from __future__ import annotations

import mmap
import os
import stat
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator

from bartizan.model.blob import Buffer
from bartizan.model.errors import SourceError
from bartizan.syntax.gitpack import (
    OFFSET_DELTA,
    REF_DELTA,
    PackIndex,
    apply_delta,
    delta_sizes,
    inflate,
    read_base_offset,
    read_header,
)

_CHAIN = 5000
"""Deltas upon deltas; git makes 50 and at most 4095."""
_KEPT = 48 << 20
"""Bytes of objects kept as likely bases of the next ones."""

Found = tuple[int, bytes]
Elsewhere = Callable[[bytes], Found]
"""Reads an object of another pack or a loose one: kind and content."""


class Pack:
    """A pack and its index, mapped."""

    def __init__(self, stem: str) -> None:
        """`stem` is the path without suffix. Raises SourceError when one of the two is missing or malformed."""
        self._data = map_file(f"{stem}.pack")
        if bytes(self._data[:4]) != b"PACK" or int.from_bytes(self._data[4:8], "big") not in (2, 3):
            raise SourceError(f"{os.path.basename(stem)}.pack is no pack file")
        self.index = PackIndex(map_file(f"{stem}.idx"))
        self._kinds: dict[int, int] = {}
        self._bases: OrderedDict[int, Found] = OrderedDict()
        self._held = 0

    def entries(self) -> Iterator[tuple[bytes, int]]:
        """Id and offset of every object, in the order of the pack, in which bases stay warm."""
        yield from sorted(self.index.entries(), key=lambda entry: entry[1])

    def kind(self, offset: int, elsewhere: Callable[[bytes], int]) -> int:
        """Kind of the object, without unpacking it. Raises SourceError."""
        chain: list[int] = []
        kind = 0
        while not kind and len(chain) < _CHAIN:
            known = self._kinds.get(offset)
            if known is not None:
                kind = known
                break
            chain.append(offset)
            kind, _, at = read_header(self._data, offset)
            if kind == OFFSET_DELTA:
                offset, _ = read_base_offset(self._data, at, offset)
                kind = 0
            elif kind == REF_DELTA:
                offset, kind = self._base_by_name(at, elsewhere)
        if not kind:
            raise SourceError("a chain of deltas does not end")
        for place in chain:
            self._kinds[place] = kind
        return kind

    def _base_by_name(self, at: int, elsewhere: Callable[[bytes], int]) -> tuple[int, int]:
        oid = bytes(self._data[at : at + 20])
        offset = self.index.find(oid) if len(oid) == 20 else None
        return (offset, 0) if offset is not None else (0, elsewhere(oid))

    def size(self, offset: int) -> int:
        """Bytes of the object, of a delta from its first bytes. Raises SourceError."""
        kind, size, at = read_header(self._data, offset)
        if kind not in (OFFSET_DELTA, REF_DELTA):
            return size
        at = at + 20 if kind == REF_DELTA else read_base_offset(self._data, at, offset)[1]
        return delta_sizes(_beginning(self._data, at))[1]

    def read(self, offset: int, limit: int, elsewhere: Elsewhere) -> Found:
        """Kind and content of the object. Raises SourceError, LimitError beyond `limit` bytes."""
        deltas: list[tuple[int, int, int]] = []
        while True:
            found = self._bases.get(offset)
            if found is not None:
                self._bases.move_to_end(offset)
                break
            kind, size, at = read_header(self._data, offset)
            if kind not in (OFFSET_DELTA, REF_DELTA):
                found = (kind, inflate(self._data, at, size, limit))
                self._keep(offset, found)
                break
            if len(deltas) >= _CHAIN:
                raise SourceError("a chain of deltas does not end")
            if kind == OFFSET_DELTA:
                base, at = read_base_offset(self._data, at, offset)
                deltas.append((offset, at, size))
                offset = base
                continue
            deltas.append((offset, at + 20, size))
            oid = bytes(self._data[at : at + 20])
            inner = self.index.find(oid) if len(oid) == 20 else None
            if inner is None:
                found = elsewhere(oid)
                break
            offset = inner
        for place, at, size in reversed(deltas):
            found = (found[0], apply_delta(found[1], inflate(self._data, at, size, limit), limit))
            self._keep(place, found)
        return found

    def _keep(self, offset: int, found: Found) -> None:
        size = len(found[1]) + 200
        if size > _KEPT // 8 or offset in self._bases:
            return
        self._bases[offset] = found
        self._held += size
        while self._held > _KEPT:
            _, (_, content) = self._bases.popitem(last=False)
            self._held -= len(content) + 200


def map_file(path: str) -> Buffer:
    """A regular file's content, mapped. Raises SourceError."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or not status.st_size:
                raise SourceError(f"{os.path.basename(path)} is empty or no file")
            return mmap.mmap(handle, status.st_size, access=mmap.ACCESS_READ)
        finally:
            os.close(handle)
    except OSError as error:
        raise SourceError(f"{os.path.basename(path)}: {(error.strerror or str(error)).lower()}") from None


def _beginning(data: Buffer, at: int) -> bytes:
    """The first bytes of packed data."""
    try:
        return zlib.decompressobj().decompress(data[at : at + 64], 32)
    except zlib.error:
        raise SourceError("an object's data is damaged") from None
