"""What every reader of a configuration gives back, and how bytes become its text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bartizan.model.document import Keys
from bartizan.model.errors import SourceError

MAX_DEPTH = 200
"""Levels of nesting; those who walk a value may recurse."""
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

Place = tuple[int, int]
"""Line and column, from 1, in characters."""


@dataclass(slots=True)
class Tree:
    """One value with the places of its parts: `places` of the values, `keys` of the mapping keys."""

    value: Any
    places: Mapping[Keys, Place] = field(default_factory=dict)
    keys: Mapping[Keys, Place] = field(default_factory=dict)


class Lazily(Mapping[Keys, Place]):
    """Places that are looked for when the first one is asked for: most configurations raise no question."""

    def __init__(self, find: Callable[[], Mapping[Keys, Place]]) -> None:
        self._find = find
        self._found: Mapping[Keys, Place] | None = None

    def _all(self) -> Mapping[Keys, Place]:
        if self._found is None:
            self._found = self._find()
        return self._found

    def __getitem__(self, way: Keys) -> Place:
        return self._all()[way]

    def __iter__(self) -> Iterator[Keys]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class Lines:
    """Turns an offset in a text into line and column. Only the line feed ends a line, as in editors and diffs."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)

    def place(self, offset: int) -> Place:
        """Line and column, from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def decode_text(data: bytes) -> str:
    """The text that the bytes stand for, without its byte order mark.

    UTF-8 unless a mark or the NUL bytes of UTF-16 and UTF-32 say otherwise; what does not decode becomes U+FFFD.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if b"\0" in data[:4]:
        zeros = tuple(byte == 0 for byte in data[:4])
        wide = {
            (False, True, False, True): "utf-16-le",
            (True, False, True, False): "utf-16-be",
            (False, True, True, True): "utf-32-le",
            (True, True, True, False): "utf-32-be",
            (False, True): "utf-16-le",
            (True, False): "utf-16-be",
        }
        if zeros in wide:
            return data.decode(wide[zeros], "replace")
    return data.decode("utf-8", "replace")


def bounded_depth(value: Any) -> None:
    """Raise SourceError when a value is nested deeper than MAX_DEPTH."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            item
            for parent in level
            if isinstance(parent, dict | list)
            for item in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(item, dict | list)
        ]
        if not level:
            return
    raise SourceError(f"nested deeper than {MAX_DEPTH} levels")
