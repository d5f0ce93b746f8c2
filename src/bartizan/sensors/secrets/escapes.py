"""Characters written as escapes: `\\u0073`, `\\x73`, `\\163`, `%73`, `&#115;`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bartizan.sensors.secrets.text import Text

_U = r"(?:2[dDeEfFbB]|3[0-9aAdD]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF])"
"""Hexadecimal codes of the characters that values are made of: letters, digits and `-_./+:=`."""
GATES = (
    rf"\\u00{_U}",
    rf"\\x{_U}",
    r"\\1[0-7][0-7]",
    r"&#(?:x[2-7]|[4-9][0-9]|1[0-2][0-9])",
    r"%(?:2[dDbBfF]|3[0-9aAdD]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF])",
)
_ESCAPE = re.compile(
    rb"\\u00([2-7][0-9a-fA-F])|\\x([2-7][0-9a-fA-F])|%([2-7][0-9a-fA-F])|&#x([2-7][0-9a-fA-F]);|&#(\d{2,3});|\\([01][0-7]{2})"
)
_WIDTH = 6
"""Of the longest of them."""
_AREA = 600
_LIMIT = 8 << 20


def unwrapped(text: Text, ends: list[int]) -> Iterator[Text]:
    """The surroundings of every escape, decoded, as one text with a line for each stretch."""
    parts: list[bytes] = []
    segments: list[tuple[int, int]] = []
    length = 0
    for start, end in _areas(text.data, ends):
        decoded = _decoded(text.data, start, end, length, segments)
        parts += (decoded, b"\n")
        length += len(decoded) + 1
        if length > _LIMIT:
            break
    if parts:
        yield text.decoded(b"".join(parts), segments, "escapes")


def _areas(data: bytes, ends: list[int]) -> Iterator[tuple[int, int]]:
    """Stretches around escapes, from line end to line end where those are near."""
    start = end = -1
    for place in ends:
        begin = max(place - _WIDTH, 0)
        if begin < end:
            end = max(end, _line_end(data, place))
            continue
        if end >= 0:
            yield start, end
        start = max(end, data.rfind(b"\n", max(0, begin - _AREA), begin) + 1, begin - _AREA, 0)
        end = _line_end(data, place)
    if end >= 0:
        yield start, end


def _line_end(data: bytes, offset: int) -> int:
    found = data.find(b"\n", offset, offset + _AREA)
    return found if found >= 0 else min(len(data), offset + _AREA)


def _decoded(data: bytes, start: int, end: int, made: int, segments: list[tuple[int, int]]) -> bytes:
    parts: list[bytes] = []
    length = 0
    last = start
    segments.append((made, start))
    for match in _ESCAPE.finditer(data, start, end):
        plain = data[last : match.start()]
        code = _code(match)
        parts += (plain, code)
        length += len(plain) + len(code)
        last = match.end()
        if len(plain) > 3:
            segments.append((made + length - len(code), match.start()))
    if last < end:
        segments.append((made + length, last))
        parts.append(data[last:end])
    return b"".join(parts)


def _code(match: re.Match[bytes]) -> bytes:
    wide, narrow, percent, entity, decimal, octal = match.groups()
    digits = wide or narrow or percent or entity
    number = int(digits, 16) if digits else int(decimal) if decimal else int(octal, 8)
    return bytes((number,)) if 32 <= number < 127 else b" "
