"""Protocol buffers without a schema: fields by number, every length checked before it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer

Field = tuple[int, int, int, int]
"""Number, wire type, and for wire type 2 the span of the content (start, stop); else the value and 0."""
FIELDS = 2_000_000


class Malformed(Exception):  # noqa: N818 - what the bytes are
    """The bytes are no message."""


def varint(data: Buffer, at: int, stop: int) -> tuple[int, int]:
    """The number at `at` and the offset after it."""
    value = shift = 0
    while at < stop and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise Malformed("number without end")


def fields(data: Buffer, start: int, stop: int) -> Iterator[Field]:
    """The fields of the message in this span, in order. Raises Malformed."""
    at, count = start, 0
    while at < stop:
        key, at = varint(data, at, stop)
        number, wire = key >> 3, key & 7
        count += 1
        if not number or count > FIELDS:
            raise Malformed("no field number" if not number else "too many fields")
        if wire == 2:
            length, at = varint(data, at, stop)
            if length > stop - at:
                raise Malformed("length runs past the end")
            yield number, wire, at, at + length
            at += length
        elif wire == 0:
            value, at = varint(data, at, stop)
            yield number, wire, value, 0
        elif wire in (1, 5):
            width = 8 if wire == 1 else 4
            if width > stop - at:
                raise Malformed("number runs past the end")
            yield number, wire, int.from_bytes(data[at : at + width], "little"), 0
            at += width
        else:
            raise Malformed(f"wire type {wire}")


def text(data: Buffer, start: int, stop: int, limit: int = 4096) -> str:
    """The content of a string field, cut to `limit` bytes."""
    return bytes(data[start : min(stop, start + limit)]).decode("utf-8", "replace")
