"""String literals split in two: `"abc" + "def"`, `"abc" "def"`, `["abc", "def"].join("")`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bartizan.sensors.secrets.text import Text

_BOTH = r"(?:\+|\.\.?|&|<>|\|\|)"
_JOINTS = (
    rf"[\x22'`]\)?[ \t]*{_BOTH}\s*\(?[bfru]?[\x22'`]",
    rf"[\x22'`][ \t]*\\?\r?\n[ \t]*(?:{_BOTH}[ \t]*)?[bfru]?[\x22'`]",
    r"\x22 {1,3}\x22",
    r"' {1,3}'",
    r"\\\r?\n",
)
"""What stands between two halves: an operator, a line end, or nothing but blanks."""
_EDGE = r"[A-Za-z0-9_\-.:/+=]"
GATES = tuple(f"{lead}{joint}{_EDGE}" for lead in (_EDGE.replace("+", ""), r"\+") for joint in _JOINTS)
"""The plus sign has gates of its own: with it in the class before a quote, hyperscan takes 2.5 times as long."""
LIST_GATES = (r"\.join\s?\(",)
_JOINT = re.compile(f"{_EDGE}(?:{'|'.join(_JOINTS)}){_EDGE}\\Z".encode())
_BEHIND = re.compile(rf"""(?:{"|".join(_JOINTS)}|["'`]\s{{0,40}},\s{{0,40}}[bfru]?["'`])""".encode())
_JOINT_WIDTH = 160
"""A longer indentation than this and the halves belong to no line that a person wrote."""
_ITEM = re.compile(rb"""\s{0,40}[bfru]?(["'`])([^"'`\n]{0,2000})\1\s{0,40}(?:,|(?=[\])]))""")
_TOKEN = re.compile(rb"[\w./+=:@~-]*")
_TOKEN_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+=:@~-"
_MIN = 20


LAYER = "joined literals"


def goes_on(data: bytes, end: int) -> bool:
    """Whether the literal that ends there seems to go on in another."""
    return _BEHIND.match(data, end, end + _JOINT_WIDTH) is not None


def chained(text: Text, ends: list[int]) -> Iterator[Text]:
    """Every literal joined by operators or neighbourhood, whole again, as one text with a line for each."""
    yield from _lined(text, _chains(text.data, ends))


def listed(text: Text, ends: list[int]) -> Iterator[Text]:
    """Likewise for lists of literals with a `join` before or behind them."""
    yield from _lined(text, _lists(text.data, ends))


def _lined(text: Text, literals: Iterable[tuple[int, bytes]]) -> Iterator[Text]:
    """Each literal behind the beginning of its line."""
    parts: list[bytes] = []
    segments: list[tuple[int, int]] = []
    length = 0
    for start, whole in literals:
        line = _line(text.data, start) + whole + b'"\n'
        segments.append((length, start))
        parts.append(line)
        length += len(line)
    if parts:
        yield text.decoded(b"".join(parts), segments, LAYER)


def _chains(data: bytes, ends: list[int]) -> Iterator[tuple[int, bytes]]:
    """Start and content of chained literals, from the offsets behind the joints and one character."""
    end = -1
    start = 0
    pieces: list[bytes] = []
    for place in ends:
        joint = _JOINT.search(data[max(0, place - _JOINT_WIDTH) : place])
        if joint is None:
            continue
        before_joint = place - len(joint.group()) + 1
        if before_joint != end:
            if sum(map(len, pieces)) >= _MIN:
                yield start, b"".join(pieces)
            before = _token_before(data, before_joint)
            pieces, start = [before], before_joint - len(before)
        after = _TOKEN.match(data, place - 1, place + 3999)
        piece = after.group() if after else b""
        pieces.append(piece)
        end = place - 1 + len(piece)
    if sum(map(len, pieces)) >= _MIN:
        yield start, b"".join(pieces)


def _token_before(data: bytes, end: int) -> bytes:
    window = data[max(0, end - 400) : end]
    return window[len(window.rstrip(_TOKEN_BYTES)) :]


def _lists(data: bytes, ends: list[int]) -> Iterator[tuple[int, bytes]]:
    """Start and content of joined lists, from the offsets behind each call's bracket."""
    for end in ends:
        first = end + data[end : end + 1].isspace()
        ahead = _items(data, first + 1) if data[first : first + 1] in (b"[", b"(") else b""
        if len(ahead) >= _MIN:
            yield end, ahead
            continue
        call = data.rfind(b".join", max(0, end - 8), end)
        start = data.rfind(b"[", max(0, call - 2000), call)
        if start >= 0 and data[call - 1 : call] == b"]":
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
