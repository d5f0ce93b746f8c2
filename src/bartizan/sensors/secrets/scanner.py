"""The fast search: all literals at once over a buffer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
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
        """Every match, overlapping ones too, in the order of literal and offset; of literals marked `once` any one."""

    def first(self, data: bytes | memoryview) -> int:
        """The offset behind the first match of any; 0 when there is none."""


def make_scanner(table: Sequence[Literal], name: str) -> Scanner:
    """The fastest scanner that this platform has."""
    try:
        return VectorScanner(table, name) if table else LinearScanner(table)
    except ImportError:
        return LinearScanner(table)


class VectorScanner:
    """Hyperscan over all literals at once; the compiled database is kept in the user's cache."""

    def __init__(self, table: Sequence[Literal], name: str) -> None:
        import hyperscan

        flags = [hyperscan.HS_FLAG_DOTALL | (hyperscan.HS_FLAG_SINGLEMATCH if literal.once else 0) for literal in table]
        patterns = [literal.pattern.encode("latin-1") for literal in table]
        state = digest(version("hyperscan"), *patterns, *(str(flag) for flag in flags))
        path = cache_folder() / f"{name}-{state}.hs"
        self._database = _load(path) or _compile(patterns, flags, path)
        self._terminated = hyperscan.ScanTerminated

    def scan(self, data: bytes | memoryview) -> list[Hit]:
        """Every match, in the order of literal and offset."""
        found: list[Hit] = []
        add = found.append
        self._database.scan(data, match_event_handler=lambda number, _start, end, _flags, _context: add((number, end)))
        found.sort()
        return found

    def first(self, data: bytes | memoryview) -> int:
        """The offset behind the first match of any; 0 when there is none."""
        ends: list[int] = []

        def stop(_number: int, _start: int, end: int, _flags: int, _context: object) -> bool:
            ends.append(end)
            return True

        with suppress(self._terminated):
            self._database.scan(data, match_event_handler=stop)
        return ends[0] if ends else 0


class LinearScanner:
    """RE2, one literal after the other: the same hits, a good deal slower."""

    def __init__(self, table: Sequence[Literal]) -> None:
        self._patterns = [(bytes_pattern(literal.pattern), literal.once) for literal in table]

    def scan(self, data: bytes | memoryview) -> list[Hit]:
        """Every match, in the order of literal and offset."""
        found: list[Hit] = []
        buffer = bytes(data)
        for number, (pattern, once) in enumerate(self._patterns):
            match = pattern.search(buffer)
            while match:
                found.append((number, match.end()))
                match = None if once else pattern.search(buffer, match.start() + 1)
        return found

    def first(self, data: bytes | memoryview) -> int:
        """The offset behind the first match of any; 0 when there is none."""
        buffer = bytes(data)
        matches = [match for pattern, _ in self._patterns if (match := pattern.search(buffer))]
        return min((match.end() for match in matches), default=0)


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
