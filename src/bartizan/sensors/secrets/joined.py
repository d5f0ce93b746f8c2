"""String literals split in two: `"abc" + "def"`, `"abc" "def"`, `["abc", "def"].join("")`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bartizan.sensors.secrets.text import Text
from bartizan.syntax.pattern import bytes_pattern

_BOTH = r"(?:\+|\.\.?|&|<>|\|\|)"
_JOINTS = (
    rf"[\x22'`]\)?[ \t]*{_BOTH}\s*\(?[bfru]?[\x22'`]",
    rf"[\x22'`][ \t]*\\?\r?\n[ \t]*(?:{_BOTH}[ \t]*)?[bfru]?[\x22'`]",
    r"\x22 {1,3}\x22",
    r"' {1,3}'",
    r"\\\r?\n",
)
"""What stands between two halves: an operator, a line end, or nothing but blanks."""
_EDGE = r"[A-Za-z0-9_\-.]"
GATES = (*(f"{_EDGE}{joint}{_EDGE}" for joint in _JOINTS), r"\.join\s?\(")
_JOINT = bytes_pattern(f"{_EDGE}(?:{'|'.join(_JOINTS)}){_EDGE}")
_JOIN = re.compile(rb"\.join\s?\(\s?")
_ITEM = re.compile(rb"""\s{0,40}[bfru]?(["'`])([^"'`\n]{0,200})\1\s{0,40}(?:,|(?=[\])]))""")
_TOKEN = re.compile(rb"[\w./+=:@~-]*")
_TOKEN_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+=:@~-"
_MIN = 20


def unwrapped(text: Text) -> Iterator[Text]:
    """Every literal made whole again, behind the beginning of its line, as one text with a line for each."""
    parts: list[bytes] = []
    segments: list[tuple[int, int]] = []
    length = 0
    for start, whole in (*_chains(text.data), *_lists(text.data)):
        line = _line(text.data, start) + whole + b'"\n'
        segments.append((length, start))
        parts.append(line)
        length += len(line)
    if parts:
        yield text.decoded(b"".join(parts), segments, "joined literals")


def _chains(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Start and content of literals joined by operators or by standing next to each other."""
    end = -1
    start = 0
    pieces: list[bytes] = []
    for match in _JOINT.finditer(data):
        if match.start() + 1 != end:
            if sum(map(len, pieces)) >= _MIN:
                yield start, b"".join(pieces)
            before = _token_before(data, match.start() + 1)
            pieces, start = [before], match.start() + 1 - len(before)
        after = _TOKEN.match(data, match.end() - 1, match.end() + 4000)
        piece = after.group() if after else b""
        pieces.append(piece)
        end = match.end() - 1 + len(piece)
    if sum(map(len, pieces)) >= _MIN:
        yield start, b"".join(pieces)


def _token_before(data: bytes, end: int) -> bytes:
    window = data[max(0, end - 400) : end]
    return window[len(window.rstrip(_TOKEN_BYTES)) :]


def _lists(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lists of literals with a `join` before or behind them."""
    for match in _JOIN.finditer(data):
        ahead = _items(data, match.end() + 1) if data[match.end() : match.end() + 1] in (b"[", b"(") else b""
        if len(ahead) >= _MIN:
            yield match.end(), ahead
            continue
        start = data.rfind(b"[", max(0, match.start() - 2000), match.start())
        if start >= 0 and data[match.start() - 1 : match.start()] == b"]":
            behind = _items(data, start + 1)
            if len(behind) >= _MIN:
                yield start, behind


def _items(data: bytes, offset: int) -> bytes:
    """The literals of the list that begins there, one after the other."""
    items: list[bytes] = []
    match = _ITEM.match(data, offset)
    while match and len(items) < 100:
        items.append(match.group(2))
        match = _ITEM.match(data, match.end())
    return b"".join(items)


def _line(data: bytes, start: int) -> bytes:
    begin = max(data.rfind(b"\n", max(0, start - 300), start) + 1, start - 300, 0)
    if begin and not data[begin:start].strip(b" \t\"'`([{+.bfru"):
        begin = max(data.rfind(b"\n", max(0, begin - 301), begin - 1) + 1, begin - 300, 0)
    return data[begin:start].replace(b"\n", b" ")
