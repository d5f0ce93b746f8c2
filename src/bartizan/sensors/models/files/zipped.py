"""Zip archives as hostile ones are: both tables of contents, every copy of a name, whatever flags and sums say.

Layout: PKWARE APPNOTE 6.3.10, 4.3.7 (local header), 4.3.12 (central header), 4.3.14 to 4.3.16 (end records).
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_TAIL = 65557
_GAP = 1 << 20
METHODS = frozenset({0, 8, 12, 14, 93})
"""Ways of packing that can be unpacked here."""
MEMBERS = 100_000
MEMBER_LIMIT = 256 << 20
"""Bytes that one member may grow to."""


@dataclass(slots=True)
class Member:
    """One stored file: what the central entry says, and what stands at its local header.

    `start` and `packed` are where its bytes are and how many; `size` is what comes out of them, as promised.
    `flaws` are the contradictions between the two headers that a reader could be misled by.
    """

    name: str
    start: int
    packed: int
    size: int
    method: int
    header: int
    local_name: str
    flags: int = 0
    flaws: list[str] = field(default_factory=list)

    @property
    def stop(self) -> int:
        """After its last stored byte."""
        return self.start + self.packed


@dataclass(slots=True)
class Archive:
    """The members in the order of their places; `first` is where the archive begins in the file, `last` ends it.

    `listed` is false when there is no table of contents and the members were found by their local headers.
    """

    members: list[Member]
    first: int
    last: int
    listed: bool
    stray: list[Member] = field(default_factory=list)
    truncated: bool = False


def read_archive(data: Buffer) -> Archive | None:
    """The archive in `data`, by its end record anywhere in the last 64 KiB, or by a local header at the start."""
    size = len(data)
    base = max(0, size - _TAIL)
    tail = bytes(data[base:size])
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if len(tail) - at >= 22 and (found := _by_index(data, base + at)):
            return found
        at = tail.rfind(b"PK\x05\x06", 0, at)
    if bytes(data[:4]) == b"PK\x03\x04":
        members = list(_by_headers(data, 0, size))
        return Archive(members, 0, members[-1].stop if members else size, listed=False) if members else None
    return None


def _by_index(data: Buffer, end: int) -> Archive | None:
    _, _, _, _, count, length, offset, comment = _END.unpack(data[end : end + 22])
    stop = end
    if end >= 20 and bytes(data[end - 20 : end - 16]) == b"PK\x06\x07":
        place = int.from_bytes(data[end - 12 : end - 4], "little")
        for spot in (place, end - 76):
            raw = bytes(data[spot : spot + 56]) if 0 <= spot < end else b""
            if raw[:4] == b"PK\x06\x06" and len(raw) == 56:
                *_, count, length, offset = _END64.unpack(raw)
                stop = spot
                break
    start = stop - length
    if start < 0 or (count and bytes(data[start : start + 4]) != b"PK\x01\x02"):
        start = offset
        if not count or bytes(data[start : start + 4]) != b"PK\x01\x02":
            return None
    members, whole = _central(data, start, stop, start - offset)
    members.sort(key=lambda member: member.header)
    archive = Archive(members, members[0].header if members else start, min(len(data), end + 22 + comment), listed=True)
    archive.truncated = not whole
    archive.stray = list(_strays(data, members, start))
    return archive


def _central(data: Buffer, at: int, stop: int, shift: int) -> tuple[list[Member], bool]:
    members: list[Member] = []
    while at + 46 <= stop:
        raw = _CENTRAL.unpack(data[at : at + 46])
        if raw[0] != b"PK\x01\x02":
            return members, False
        if len(members) >= MEMBERS:
            return members, False
        _, _, _, flags, method, _, _, _, packed, size, name, extra, comment, _, _, _, offset = raw
        label = bytes(data[at + 46 : at + 46 + name])
        more = bytes(data[at + 46 + name : at + 46 + name + extra])
        size, packed, offset = _wide(more, size, packed, offset)
        members.append(_with_local(data, _text(label), flags, method, packed, size, offset + shift))
        at += 46 + name + extra + comment
    return members, True


def _wide(extra: bytes, *fields: int) -> tuple[int, int, int]:
    """Zip64: the fields that are all ones stand as eight bytes each in extra field 1, in this order."""
    values = list(fields)
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        body = extra[at + 4 : at + 4 + length]
        if kind == 1:
            for index, value in enumerate(values):
                if value == 0xFFFFFFFF and len(body) >= 8:
                    values[index], body = int.from_bytes(body[:8], "little"), body[8:]
        at += 4 + length
    return values[0], values[1], values[2]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _with_local(data: Buffer, name: str, flags: int, method: int, packed: int, size: int, offset: int) -> Member:
    """Join a central entry with the local header that it points to."""
    member = Member(name, offset + 30, packed, size, method, offset, name, flags)
    raw = bytes(data[offset : offset + 30]) if 0 <= offset < len(data) else b""
    if len(raw) < 30 or raw[:4] != b"PK\x03\x04":
        member.flaws.append("no local header where the table of contents points")
        member.packed = 0
        return member
    _, _, local_flags, local_method, _, _, _, local_packed, _, name_length, extra = _LOCAL.unpack(raw)
    member.local_name = _text(bytes(data[offset + 30 : offset + 30 + name_length]))
    member.start = offset + 30 + name_length + extra
    if member.local_name != name:
        member.flaws.append(f"named {member.local_name!r} at its own header")
    if local_method != method:
        member.flaws.append(f"methods {method} and {local_method}")
    if (local_flags ^ flags) & 1:
        member.flaws.append("encrypted by one header only")
    if not local_flags & 8 and local_packed not in (packed, 0xFFFFFFFF):
        member.flaws.append(f"lengths {packed} and {local_packed}")
    if member.stop > len(data):
        member.flaws.append("runs past the end of the file")
        member.packed = max(0, len(data) - member.start)
    return member


def _strays(data: Buffer, members: list[Member], stop: int) -> Iterator[Member]:
    """Local headers between the listed members: copies that only a sequential reader would see."""
    at = 0
    for member in members:
        if at < member.header:
            yield from _by_headers(data, at, min(member.header, at + _GAP))
        at = max(at, member.stop)
    if at < stop:
        yield from _by_headers(data, at, min(stop, at + _GAP))


def _by_headers(data: Buffer, at: int, stop: int) -> Iterator[Member]:
    count = 0
    while at < stop and count < MEMBERS:
        found = bytes(data[at : min(stop, at + _GAP)]).find(b"PK\x03\x04")
        if found < 0:
            return
        at += found
        raw = bytes(data[at : at + 30])
        if len(raw) < 30:
            return
        _, _, flags, method, _, _, _, packed, size, name, extra = _LOCAL.unpack(raw)
        label = _text(bytes(data[at + 30 : at + 30 + name]))
        size, packed, _ = _wide(bytes(data[at + 30 + name : at + 30 + name + extra]), size, packed, 0)
        start = at + 30 + name + extra
        if flags & 8 and not packed:
            packed = max(0, _next_header(data, start) - start)
        packed = min(packed, max(0, len(data) - start))
        yield Member(label, start, packed, size, method, at, label, flags)
        count += 1
        at = max(start + packed, at + 4)


def _next_header(data: Buffer, at: int) -> int:
    window = bytes(data[at : at + (64 << 20)])
    places = [found for mark in (b"PK\x07\x08", b"PK\x03\x04", b"PK\x01\x02") if (found := window.find(mark)) >= 0]
    return at + (min(places) if places else len(window))


def head(data: Buffer, member: Member, count: int = 64) -> bytes:
    """The first bytes of a member, unpacked where it is packed; what stands there when it cannot be unpacked."""
    raw = bytes(data[member.start : member.start + min(member.packed, 4096 if member.method else count)])
    return (_unpacked(raw, member.method, count) or raw)[:count]


def content(data: Buffer, member: Member, limit: int) -> Buffer:
    """All of a member, at most `limit` bytes: a view when it is stored, a copy when it is packed."""
    if member.method == 0:
        return memoryview(data)[member.start : member.start + min(member.packed, limit)]
    raw = memoryview(data)[member.start : member.stop]
    unpacked = _unpacked(raw, member.method, limit)
    return raw[:limit] if unpacked is None else unpacked


def _unpacked(raw: Buffer, method: int, limit: int) -> bytes | None:
    """None when the method is unknown or the bytes do not follow it (then they may stand there as they are)."""
    try:
        if method == 8:
            return zlib.decompressobj(-15).decompress(raw, limit)
        if method == 12:
            return bz2.BZ2Decompressor().decompress(bytes(raw), limit)
        if method == 14:
            properties = bytes(raw[4:9])
            filters = lzma._decode_filter_properties(lzma.FILTER_LZMA1, properties)  # type: ignore[attr-defined]  # noqa: SLF001
            return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[filters]).decompress(bytes(raw[9:]), limit)
        if method == 93:
            return _from_zstd(raw, limit)
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
        return None
    return None if method else bytes(raw[:limit])


def _from_zstd(raw: Buffer, limit: int) -> bytes | None:
    import zstandard

    try:
        with zstandard.ZstdDecompressor().stream_reader(bytes(raw)) as reader:
            return bytes(reader.read(limit))
    except zstandard.ZstdError:
        return None
