"""Git's pack files and their indexes, read by hand.

libgit2 follows the offsets of an index wherever they lead and dies of a damaged one; a scanner must outlive what it
looks at. Source: gitformat-pack(5).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from bartizan.model.blob import Buffer
from bartizan.model.errors import LimitError, SourceError

OFFSET_DELTA, REF_DELTA = 6, 7
_FAN = struct.Struct(">256L")
_MAGIC = b"\xfftOc\0\0\0\2"


class PackIndex:
    """An index of version 1 or 2: where each object of its pack begins."""

    def __init__(self, data: Buffer) -> None:
        """Raises SourceError when its tables do not fit its size."""
        self._data = data
        self._new = bytes(data[:8]) == _MAGIC
        start = 8 if self._new else 0
        if len(data) < start + _FAN.size:
            raise SourceError("a pack index is too short")
        fan = _FAN.unpack(data[start : start + _FAN.size])
        self._bounds = (0, *fan)
        self.count = fan[255]
        if any(later < earlier for earlier, later in zip(self._bounds, fan, strict=False)):
            raise SourceError("a pack index is malformed")
        self._names = start + _FAN.size
        needed = self.count * 28 if self._new else self.count * 24
        if self._names + needed + 40 > len(data):
            raise SourceError("a pack index is too short for its objects")
        self._offsets = self._names + self.count * 24
        self._large = self._offsets + self.count * 4

    def entries(self) -> Iterator[tuple[bytes, int]]:
        """Id and offset of every object."""
        data = self._data
        if not self._new:
            for at in range(self._names, self._names + self.count * 24, 24):
                yield bytes(data[at + 4 : at + 24]), int.from_bytes(data[at : at + 4], "big")
            return
        offsets = struct.unpack(f">{self.count}L", data[self._offsets : self._offsets + 4 * self.count])
        for number, offset in enumerate(offsets):
            at = self._names + 20 * number
            yield bytes(data[at : at + 20]), self._wide(offset) if offset >> 31 else offset

    def find(self, oid: bytes) -> int | None:
        """The offset of an object, or None."""
        low, high = self._bounds[oid[0]], self._bounds[oid[0] + 1]
        width, shift = (20, 0) if self._new else (24, 4)
        while low < high:
            middle = (low + high) // 2
            at = self._names + width * middle + shift
            name = self._data[at : at + 20]
            if name == oid:
                place = self._offsets + 4 * middle if self._new else at - 4
                offset = int.from_bytes(self._data[place : place + 4], "big")
                return self._wide(offset) if self._new and offset >> 31 else offset
            if bytes(name) < oid:
                low = middle + 1
            else:
                high = middle
        return None

    def beginning(self, digits: str) -> Iterator[bytes]:
        """Ids that begin with these hexadecimal digits, of which there are at least two."""
        first = int(digits[:2], 16)
        width, shift = (20, 0) if self._new else (24, 4)
        for number in range(self._bounds[first], self._bounds[first + 1]):
            at = self._names + width * number + shift
            name = bytes(self._data[at : at + 20])
            if name.hex().startswith(digits):
                yield name

    def _wide(self, offset: int) -> int:
        at = self._large + 8 * (offset & 0x7FFFFFFF)
        return int.from_bytes(self._data[at : at + 8], "big")


def read_header(data: Buffer, offset: int) -> tuple[int, int, int]:
    """Kind, size and where the rest begins, of the object at `offset`. Raises SourceError when nothing can be there."""
    head = bytes(data[offset : offset + 12])
    if offset < 12 or len(head) < 2:
        raise SourceError("an object lies outside its pack")
    kind, size, shift, at = head[0] >> 4 & 7, head[0] & 15, 4, 0
    while head[at] & 0x80:
        at += 1
        if at == len(head):
            raise SourceError("an object's header does not end")
        size |= (head[at] & 0x7F) << shift
        shift += 7
    if kind in (0, 5):
        raise SourceError("an object is of no known kind")
    return kind, size, offset + at + 1


def read_base_offset(data: Buffer, at: int, offset: int) -> tuple[int, int]:
    """Where the base of an offset delta begins, and where the delta's data does."""
    back = -1
    for _ in range(9):
        byte = bytes(data[at : at + 1])
        at += 1
        if not byte:
            break
        back = (back + 1) << 7 | byte[0] & 0x7F
        if not byte[0] & 0x80:
            if not 0 < back < offset:
                break
            return offset - back, at
    raise SourceError("a delta's base lies outside its pack")


def inflate(data: Buffer, at: int, size: int, limit: int) -> bytes:
    """The `size` bytes that are packed at `at`. Raises SourceError when they are not, LimitError beyond `limit`."""
    if size > limit:
        raise LimitError(f"an object of more than {limit >> 20} MiB")
    decoder = zlib.decompressobj()
    feed = min(size + 64 + size // 1000, 1 << 16)
    parts: list[bytes] = []
    got = 0
    try:
        while not decoder.eof:
            piece = decoder.unconsumed_tail or data[at : at + feed]
            if not decoder.unconsumed_tail:
                at += len(piece)
            if not len(piece):
                break
            part = decoder.decompress(piece, size - got + 1)
            parts.append(part)
            got += len(part)
            if got > size:
                break
    except zlib.error:
        raise SourceError("an object's data is damaged") from None
    if got != size or not decoder.eof:
        raise SourceError("an object's data is damaged")
    return parts[0] if len(parts) == 1 else b"".join(parts)


def delta_sizes(delta: bytes) -> tuple[int, int, int]:
    """Size of the base, size of the result, and where the instructions begin."""
    base, at = _number(delta, 0)
    size, at = _number(delta, at)
    return base, size, at


def _number(delta: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while at < len(delta) and shift < 63:
        byte = delta[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
    raise SourceError("a delta is damaged")


def apply_delta(base: bytes, delta: bytes, limit: int) -> bytes:
    """The object that the delta makes of its base. Raises SourceError when it does not fit, LimitError for size."""
    expected, size, at = delta_sizes(delta)
    if expected != len(base):
        raise SourceError("a delta does not fit its base")
    if size > limit:
        raise LimitError(f"an object of more than {limit >> 20} MiB")
    parts: list[bytes] = []
    got, end = 0, len(delta)
    try:
        while at < end:
            code = delta[at]
            at += 1
            if code & 0x80:
                start = length = 0
                for bit in range(4):
                    if code & 1 << bit:
                        start |= delta[at] << 8 * bit
                        at += 1
                for bit in range(3):
                    if code & 0x10 << bit:
                        length |= delta[at] << 8 * bit
                        at += 1
                part = base[start : start + (length or 0x10000)]
            else:
                part = delta[at : at + code]
                at += code
            got += len(part)
            if not part or got > size:
                break
            parts.append(part)
    except IndexError:
        raise SourceError("a delta is damaged") from None
    if got != size:
        raise SourceError("a delta is damaged")
    return b"".join(parts)
