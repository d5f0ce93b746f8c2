"""The table of contents of a zip file, read by hand: what a lenient reader would open must be seen.

Layout: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central header), 4.3.14 to 4.3.16 (end
records). All numbers are little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.model.blob import Buffer

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_FULL = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as a header describes it. `offset` is where its local header begins; -1 in `packed` and `size`
    says that only the data can tell.
    """

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int = 0

    @property
    def is_folder(self) -> bool:
        """A directory entry."""
        return self.name.endswith("/")

    @property
    def is_encrypted(self) -> bool:
        """The header says that the data is encrypted."""
        return bool(self.flags & 0x1)

    @property
    def is_link(self) -> bool:
        """A symbolic link by its Unix mode."""
        return self.mode & 0o170000 == 0o120000


@dataclass(frozen=True, slots=True)
class Index:
    """Where the central directory stands: `start` to `stop`, `count` entries as promised, and `shift` to be added
    to every offset because something was put in front of the archive.
    """

    start: int
    stop: int
    count: int
    shift: int


def find_index(data: Buffer) -> Index | None:
    """The central directory by its end record; None when there is none that fits."""
    size = len(data)
    base = max(0, size - 65557)
    tail = bytes(data[max(0, size - 22) : size])
    at = 0 if tail[:4] == b"PK\x05\x06" and tail[20:22] == b"\0\0" else -1
    if at < 0:
        tail = bytes(data[base:size])
        at = tail.rfind(b"PK\x05\x06")
    else:
        base = size - 22
    while at >= 0:
        if at + 22 <= len(tail):
            index = _read_end(data, base + at, tail[at : at + 22])
            if index:
                return index
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return None


def _read_end(data: Buffer, where: int, record: bytes) -> Index | None:
    _, _, _, _, count, length, offset, _ = _END.unpack(record)
    stop = where
    if where >= 20 and bytes(data[where - 20 : where - 16]) == b"PK\x06\x07":
        # Written by torch even when no field needs it: the directory then ends before the wide record, not at `where`.
        signature, _, place, _ = _LOCATOR64.unpack(data[where - 20 : where])
        for spot in (place, where - 20 - _END64.size):
            raw = bytes(data[spot : spot + _END64.size]) if 0 <= spot < where else b""
            if signature == b"PK\x06\x07" and raw[:4] == b"PK\x06\x06" and len(raw) == _END64.size:
                _, _, _, _, _, _, _, count, length, offset = _END64.unpack(raw)
                stop = spot
                break
    start = stop - length
    if start < 0 or (count and bytes(data[start : start + 4]) != b"PK\x01\x02"):
        if count and bytes(data[offset : offset + 4]) == b"PK\x01\x02":
            return Index(offset, min(offset + length, len(data)), count, 0)
        return None
    return Index(start, stop, count, start - offset)


def central_entries(data: Buffer, index: Index) -> Iterator[Entry]:
    """The entries of the central directory, in its order; ends early where the directory is damaged."""
    at = index.start
    while at + _CENTRAL.size <= index.stop:
        raw = _CENTRAL.unpack(data[at : at + _CENTRAL.size])
        signature, made, _, flags, method, _, _, crc, packed, size, name, extra, comment, _, _, external, offset = raw
        if signature != b"PK\x01\x02":
            return
        at += _CENTRAL.size
        label = bytes(data[at : at + name])
        size, packed, offset = _wide(bytes(data[at + name : at + name + extra]), size, packed, offset)
        mode = external >> 16 if made >> 8 in (3, 19) else 0
        yield Entry(_decoded(label, flags), flags, method, crc, packed, size, offset + index.shift, mode)
        at += name + extra + comment


def local_entry(data: Buffer, offset: int) -> tuple[Entry, int] | None:
    """The local header at `offset` and where its data begins; None when there is no header."""
    raw = bytes(data[offset : offset + _LOCAL.size]) if 0 <= offset < len(data) else b""
    if len(raw) < _LOCAL.size or raw[:4] != b"PK\x03\x04":
        return None
    _, _, flags, method, _, _, crc, packed, size, name, extra = _LOCAL.unpack(raw)
    at = offset + _LOCAL.size
    label = bytes(data[at : at + name])
    if len(label) < name:
        return None
    size, packed, _ = _wide(bytes(data[at + name : at + name + extra]), size, packed, 0)
    if flags & 0x8 and not packed:
        size = packed = -1
    return Entry(_decoded(label, flags), flags, method, crc, packed, size, offset), at + name + extra


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Replace full 32-bit fields by those of the zip64 extra field (tag 1), in the order that 4.5.3 prescribes."""
    at = 0
    while at + 4 <= len(extra) and _FULL in (size, packed, offset):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            field = extra[at + 4 : at + 4 + length]
            values = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
            size = next(values, size) if size == _FULL else size
            packed = next(values, packed) if packed == _FULL else packed
            offset = next(values, offset) if offset == _FULL else offset
            break
        at += 4 + length
    return size, packed, offset


def _decoded(label: bytes, flags: int) -> str:
    if flags & 0x800:
        return label.decode("utf-8", "surrogateescape")
    try:
        return label.decode("utf-8")
    except UnicodeDecodeError:
        return label.decode("cp437")
