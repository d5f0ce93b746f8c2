"""Exact checks of a value's shape, on small windows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bartizan.rules.credential import Kind
from bartizan.syntax.pattern import bytes_pattern

_DEFAULT_BEFORE = re.compile(rb"\$\{[A-Za-z_]\w{0,80}:?-$")
"""`${NAME:-`, after which a shell's default stands."""
_ESCAPE_BEFORE = re.compile(
    rb"(?:\\[abfnrtv0]|%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[0-3][0-7]{2}|\x1b\[[0-9;]*m)$"
)
"""An escape sequence ends there: its last character is no part of a longer token."""


class Shape:
    """One kind's pattern with its boundaries."""

    def __init__(self, kind: Kind) -> None:
        self._pattern = bytes_pattern(kind.shape, longest=True)
        self._longest = kind.longest
        inside = re.compile(f"[{kind.alphabet}]".encode("latin-1"))
        self._inside = frozenset(code for code in range(256) if inside.match(bytes((code,))))
        self._word = self._inside - frozenset(b"=:.") | frozenset(
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
        )

    def end_of(self, data: bytes, start: int, *, loose: bool = False) -> int:
        """Where the value that begins at `start` ends; 0 when there is none. `loose` waives the boundaries."""
        if not loose and not self._begins(data, start):
            return 0
        window = data[start : start + self._longest + 1]
        match = self._pattern.match(window)
        if not match or match.end() == 0:
            return 0
        end: int = start + match.end()
        if not loose and end < len(data) and data[end] in self._inside:
            return 0
        return end

    def all_in(self, data: bytes, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Every value that lies in a part of the data."""
        window = data[first : last + self._longest]
        for match in self._pattern.finditer(window):
            start, end = first + match.start(), first + match.end()
            if start >= last:
                return
            if end > start and self._begins(data, start) and not (end < len(data) and data[end] in self._inside):
                yield start, end

    def _begins(self, data: bytes, start: int) -> bool:
        if start == 0 or data[start - 1] not in self._word:
            return True
        if data[start - 1] == 45 and _DEFAULT_BEFORE.search(data[max(0, start - 90) : start]):
            return True
        return bool(_ESCAPE_BEFORE.search(data[max(0, start - 10) : start]))
