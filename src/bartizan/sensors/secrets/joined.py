"""String literals split in two: `"abc" + "def"`, `"abc" "def"`, `["abc", "def"].join("")`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bartizan.sensors.secrets.text import Text

GATES = (
    r"[A-Za-z0-9_\-.][\x22'`]\)?\s{0,8}(?:\+|\.\.?|&|<>|\|\|)\s{0,8}\(?[bfru]?[\x22'`][A-Za-z0-9_\-.]",
    r"[A-Za-z0-9_\-.][\x22']\s{0,8}\\?\r?\n\s{0,40}[bfru]?[\x22'][A-Za-z0-9_\-.]",
    r"[A-Za-z0-9_\-.][\x22'`]\s{0,8}(?:\+|\.\.?|&)?\s{0,8}\\?\r?\n\s{0,40}(?:\+|\.\.?|&)?\s{0,8}[bfru]?[\x22'`][A-Za-z0-9_\-.]",
    r"[A-Za-z0-9_\-.]\x22 {1,3}\x22[A-Za-z0-9_\-.]",
    r"[A-Za-z0-9_\-.]' {1,3}'[A-Za-z0-9_\-.]",
    r"\.join\s?\(", r"[A-Za-z0-9_\-]\\\r?\n[A-Za-z0-9_\-]",
)
_JOINT = re.compile(
    rb"""(?P<close>["'`])\)?\s{0,8}(?:(?:\+|\.\.?|&|<>|\|\|)\s{0,8}(?:\\?\r?\n)?\s{0,60}|\\?\r?\n\s{0,60}(?:(?:\+|\.\.?|&)\s{0,8})?|[ ]{1,3})\(?[bfru]?(?P<open>["'`])(?=[\w.-])"""
    rb"|(?<=[\w-])\\\r?\n(?=[\w-])"
)
_LIST = re.compile(rb"""[\[(]\s{0,40}((?:[bfru]?["'][^"'\n]{0,200}["']\s{0,40},?\s{0,40}){2,40})[\])]""")
_ITEM = re.compile(rb"""["']([^"'\n]{0,200})["']""")
_TOKEN = re.compile(rb"[\w./+=:@~-]*")
_TOKEN_BACK = re.compile(rb"[\w./+=:@~-]{1,400}$")
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
        if match.start() != end or not pieces:
            if len(pieces) > 1:
                yield start, b"".join(pieces)
            before = _TOKEN_BACK.search(data, max(0, match.start() - 400), match.start())
            pieces = [before.group()] if before else []
            start = before.start() if before else match.start()
            if not before:
                end = -1
                continue
        after = _TOKEN.match(data, match.end(), match.end() + 4000)
        piece = after.group() if after else b""
        pieces.append(piece)
        end = match.end() + len(piece)
        if sum(map(len, pieces)) > 8192:
            pieces = []
    if len(pieces) > 1:
        yield start, b"".join(pieces)


def _lists(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Lists of literals with a `join` before or behind them."""
    if b"join" not in data:
        return
    for match in _LIST.finditer(data):
        near = data[max(0, match.start() - 12) : match.start()] + data[match.end() : match.end() + 20]
        if b"join" in near:
            whole = b"".join(_ITEM.findall(match.group(1)))
            if len(whole) >= _MIN:
                yield match.start(), whole


def _line(data: bytes, start: int) -> bytes:
    begin = max(data.rfind(b"\n", max(0, start - 300), start) + 1, start - 300, 0)
    return data[begin:start]
