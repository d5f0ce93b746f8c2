"""What one list of packages says: dependencies, and where they are to be fetched from."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from bartizan.sensors.packages.dependency import Dependency

MAX_DEPENDENCIES = 50_000


@dataclass(frozen=True, slots=True)
class Index:
    """Where packages are fetched from. `how` is `only`, `extra`, `links` or `trusted` (certificate not checked)."""

    how: str
    url: str
    line: int


@dataclass(slots=True)
class Listing:
    """`locked` says that the file itself fixes every version (a lock file, an environment)."""

    locked: bool = False
    dependencies: list[Dependency] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)


class Lines:
    """Tells lines (from 1) in a text, for any number of questions."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._last = 0

    def at(self, position: int) -> int:
        """The line of a position."""
        return bisect_left(self._breaks, position) + 1

    def of(self, part: str) -> int:
        """The line of the next occurrence after the last one asked for, else of the first; 1 when there is none."""
        found = self.text.find(part, self._last)
        if found < 0:
            found = self.text.find(part, 0, self._last + len(part))
        if found < 0:
            return 1
        self._last = found
        return self.at(found)


def toml_blocks(text: str, heads: tuple[str, ...] = ("[[package]]", "[[packages]]")) -> Iterator[tuple[int, str]]:
    """Line and body of each block of a lock file in TOML.

    Lock files are written by programs and have one shape; reading them by lines is a hundred times faster than
    parsing TOML and does not fail on a damaged tail. Sub-tables (`[package.x]`) belong to their block.
    """
    start = 0
    body: list[str] = []
    for number, content in enumerate(text.splitlines(), 1):
        if content.rstrip() in heads:
            if start:
                yield start, "\n".join(body)
            start, body = number, []
        elif start and content.startswith("[") and not content.startswith(("[package.", "[packages.", "[[package")):
            yield start, "\n".join(body)
            start, body = 0, []
        elif start:
            body.append(content)
    if start:
        yield start, "\n".join(body)


def toml_value(body: str, key: str) -> str:
    """The text of `key = "…"` at the beginning of a line."""
    match = re.search(rf'^{key} = "([^"\n]{{1,400}})"', body, re.MULTILINE)
    return match.group(1) if match else ""
