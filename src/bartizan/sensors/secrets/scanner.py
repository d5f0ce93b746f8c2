"""The fast search: all literals at once over a buffer."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from bartizan.model.home import cache_folder
from bartizan.model.identity import digest
from bartizan.rules.cache import keep
from bartizan.sensors.secrets.literal import Literal
from bartizan.syntax.pattern import bytes_pattern

Hit = tuple[int, int]
"""Number of the literal, and the offset after its match."""


class Scanner(Protocol):
    """Finds every literal in a buffer."""

    def scan(self, data: bytes | memoryview) -> list[Hit]:
        """Every match, overlapping ones too, in the order of literal and offset."""


def make_scanner(table: Sequence[Literal], name: str, *, once: bool = False) -> Scanner:
    """The fastest scanner that this platform has. With `once` each literal is reported at most once a buffer."""
    try:
        return VectorScanner(table, name, once=once)
    except ImportError:
        return LinearScanner(table, once=once)


class VectorScanner:
    """Hyperscan over all literals at once; the compiled database is kept in the user's cache."""

    def __init__(self, table: Sequence[Literal], name: str, *, once: bool = False) -> None:
        import hyperscan

        flags = [
            (hyperscan.HS_FLAG_CASELESS if literal.caseless else 0)
            | (hyperscan.HS_FLAG_SINGLEMATCH if once else 0)
            | hyperscan.HS_FLAG_DOTALL
            for literal in table
        ]
        patterns = [literal.pattern.encode("latin-1") for literal in table]
        state = digest(version("hyperscan"), *patterns, *(str(flag) for flag in flags))
        path = cache_folder() / f"{name}-{state}.hs"
        self._database = _load(path) or _compile(patterns, flags, path)

    def scan(self, data: bytes | memoryview) -> list[Hit]:
        """Every match, in the order of literal and offset."""
        found: list[Hit] = []
        add = found.append
        self._database.scan(data, match_event_handler=lambda number, _start, end, _flags, _context: add((number, end)))
        found.sort()
        return found


class LinearScanner:
    """RE2, one literal after the other: the same hits, a good deal slower."""

    def __init__(self, table: Sequence[Literal], *, once: bool = False) -> None:
        self._once = once
        self._patterns = [bytes_pattern(literal.pattern, ignore_case=literal.caseless) for literal in table]

    def scan(self, data: bytes | memoryview) -> list[Hit]:
        """Every match, in the order of literal and offset."""
        found: list[Hit] = []
        buffer = bytes(data)
        for number, pattern in enumerate(self._patterns):
            match = pattern.search(buffer)
            while match:
                found.append((number, match.end()))
                match = None if self._once else pattern.search(buffer, match.start() + 1)
        return found


def _load(path: Path) -> Any:
    import hyperscan

    try:
        database = hyperscan.loadb(path.read_bytes(), hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
    except (OSError, hyperscan.error):
        return None
    return database


def _compile(patterns: list[bytes], flags: list[int], path: Path) -> Any:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=patterns, ids=list(range(len(patterns))), elements=len(patterns), flags=flags)
    keep(path, hyperscan.dumpb(database), spare=4)
    return database
