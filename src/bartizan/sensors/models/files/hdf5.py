"""The attributes of the root group of an HDF5 file, where Keras keeps a model's configuration.

Layout: HDF5 File Format Specification 3.0, II (superblock), IV.A.1 (object headers), IV.A.2.m (attributes), III.E
(global heap). Only what holds strings is read; links, chunks and data are not.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_MESSAGES = 4096
_BLOCKS = 64
_STRING = 64 << 20
_ATTRIBUTE, _CONTINUATION = 0x0C, 0x10


class _Damaged(Exception):  # noqa: N818 - what the bytes are
    """An address or length that leads nowhere."""


def root_attributes(data: Buffer) -> dict[str, str]:
    """Name and text of the string attributes of the root group; what is damaged is left out."""
    found: dict[str, str] = {}
    try:
        base = _base(data)
        for kind, start, stop in _messages(data, base, _root(data, base)):
            if kind == _ATTRIBUTE:
                try:
                    name, text = _attribute(data, base, start, stop)
                except (_Damaged, struct.error, IndexError):
                    continue
                found[name] = text
    except (_Damaged, struct.error, IndexError):
        pass
    return found


def _base(data: Buffer) -> int:
    at = 0
    while at + 8 <= len(data):
        if bytes(data[at : at + 8]) == SIGNATURE:
            return at
        at = at * 2 or 512
    raise _Damaged


def _root(data: Buffer, base: int) -> int:
    """Address of the root group's object header."""
    version = data[base + 8]
    if version in (0, 1):
        # Fields (24 bytes, 28 in version 1), four addresses, the root's symbol table entry: name offset, header.
        at = base + (24 if version == 0 else 28) + 32
        return _number(data, at + 8, 8)
    if version in (2, 3):
        return _number(data, base + 12 + 24, 8)
    raise _Damaged


def _number(data: Buffer, at: int, width: int) -> int:
    raw = bytes(data[at : at + width])
    if len(raw) < width:
        raise _Damaged
    return int.from_bytes(raw, "little")


def _messages(data: Buffer, base: int, header: int) -> Iterator[tuple[int, int, int]]:
    at = base + header
    if bytes(data[at : at + 4]) == b"OHDR":
        yield from _messages_2(data, base, at)
    else:
        yield from _messages_1(data, base, at)


def _messages_1(data: Buffer, base: int, at: int) -> Iterator[tuple[int, int, int]]:
    """Version 1: 16 bytes of header, messages with 8 bytes each in front, continuation blocks."""
    if data[at] != 1:
        raise _Damaged
    blocks = [(at + 16, _number(data, at + 8, 4))]
    count = 0
    for index in range(_BLOCKS):
        if index >= len(blocks):
            return
        spot, length = blocks[index]
        stop = min(len(data), spot + length)
        while spot + 8 <= stop and count < _MESSAGES:
            kind, size = _number(data, spot, 2), _number(data, spot + 2, 2)
            start = spot + 8
            if kind == _CONTINUATION:
                blocks.append((base + _number(data, start, 8), _number(data, start + 8, 8)))
            yield kind, start, min(start + size, stop)
            spot, count = start + size, count + 1


def _messages_2(data: Buffer, base: int, at: int) -> Iterator[tuple[int, int, int]]:
    """Version 2: flags say how wide sizes are; continuation blocks begin with OCHK and end with a checksum."""
    flags = data[at + 5]
    spot = at + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    blocks = [(spot + width, _number(data, spot, width))]
    extra = 2 if flags & 0x04 else 0
    count = 0
    for index in range(_BLOCKS):
        if index >= len(blocks):
            return
        spot, length = blocks[index]
        stop = min(len(data), spot + length)
        while spot + 4 + extra <= stop and count < _MESSAGES:
            kind, size = data[spot], _number(data, spot + 1, 2)
            start = spot + 4 + extra
            if kind == _CONTINUATION:
                address, length = _number(data, start, 8), _number(data, start + 8, 8)
                blocks.append((base + address + 4, max(0, length - 8)))
            yield kind, start, min(start + size, stop)
            spot, count = start + size, count + 1


def _attribute(data: Buffer, base: int, start: int, stop: int) -> tuple[str, str]:
    version = data[start]
    name_size, type_size, space_size = (_number(data, start + 2 + 2 * index, 2) for index in range(3))
    at = start + (9 if version == 3 else 8)
    name = bytes(data[at : at + name_size]).split(b"\0")[0].decode("utf-8", "replace")
    at += _padded(name_size, version)
    kind, width = data[at] & 0x0F, _number(data, at + 4, 4)
    at += _padded(type_size, version) + _padded(space_size, version)
    if kind == 3:
        return name, bytes(data[at : min(at + min(width, _STRING), max(stop, at))]).rstrip(b"\0").decode(
            "utf-8", "replace"
        )
    if kind == 9:
        length, address, index = struct.unpack("<IQI", bytes(data[at : at + 16]))
        return name, _from_heap(data, base + address, index, min(length, _STRING))
    raise _Damaged


def _padded(size: int, version: int) -> int:
    """Version 1 pads each part to eight bytes."""
    return -(-size // 8) * 8 if version == 1 else size


def _from_heap(data: Buffer, at: int, wanted: int, length: int) -> str:
    """An object of a global heap collection: index, count, padding, size, then the bytes padded to eight."""
    if bytes(data[at : at + 4]) != b"GCOL":
        raise _Damaged
    stop = min(len(data), at + _number(data, at + 8, 8))
    spot = at + 16
    while spot + 16 <= stop:
        index, size = _number(data, spot, 2), _number(data, spot + 8, 8)
        if index == wanted:
            return bytes(data[spot + 16 : spot + 16 + min(length, size)]).decode("utf-8", "replace")
        if index == 0:
            break
        spot += 16 + -(-size // 8) * 8
    raise _Damaged
