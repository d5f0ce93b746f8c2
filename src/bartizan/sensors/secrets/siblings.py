"""The settings that stand beside a value in the same object, call or block."""

from __future__ import annotations

import re

REACH = 1500
"""Bytes looked at on each side."""
_PAIR = re.compile(
    rb"""["']?\b([A-Za-z_][\w.-]{0,60})\\?["']?\s{0,20}(?:=>|:=|[:=])\s{0,20}\\?["'`]?([^"'`,;{}()\[\]\n\\]{2,200})"""
)
_OPEN, _CLOSE = frozenset(b"{(["), frozenset(b"})]")


def siblings(head: bytes, tail: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values beside the one between `head` and `tail` in the innermost braces or call; none when it stands
    in neither, or these do not begin within reach.
    """
    before, opener = _outwards(head[-REACH:][::-1], _CLOSE, _OPEN)
    if opener not in (b"{", b"("):
        return []
    after, _ = _outwards(tail[:REACH], _OPEN, _CLOSE)
    return pairs(before[::-1]) + pairs(after)


def pairs(text: bytes) -> list[tuple[bytes, bytes]]:
    """Names with what is assigned to them."""
    return [(match.group(1), match.group(2)) for match in _PAIR.finditer(text)]


def _outwards(text: bytes, deeper: frozenset[int], higher: frozenset[int]) -> tuple[bytes, bytes]:
    """The text up to the bracket that encloses its beginning, without what is nested deeper; and that bracket."""
    kept = bytearray()
    depth = 0
    for char in text:
        if char in deeper:
            depth += 1
        elif char in higher:
            if not depth:
                return bytes(kept), bytes((char,))
            depth -= 1
        elif not depth:
            kept.append(char)
    return b"", b""
