"""How fast hosts may be asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_REMEMBERED = 100_000
"""Addresses kept before those whose turn has passed are forgotten."""


@dataclass(slots=True)
class Pace:
    """Ceilings in contacts per second, for each address and in all; 0 means no ceiling."""

    per_host: float = 0.0
    total: float = 0.0
    _next: dict[str, float] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait(self, address: str) -> None:
        """Sleep until the address, and the whole, may be contacted once more."""
        with self._lock:
            now = time.monotonic()
            start = max(now, self._claim("", self.total, now), self._claim(address, self.per_host, now))
        if start > now:
            time.sleep(start - now)

    def paced(self, ends: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
        """The same addresses and ports, each when it may be contacted."""
        if self.per_host <= 0 and self.total <= 0:
            yield from ends
            return
        for end in ends:
            self.wait(end[0])
            yield end

    def slow_down(self, address: str, seconds: float) -> None:
        """Leave the address alone for so long (it answered 429 or 503)."""
        with self._lock:
            self._next[address] = max(self._next.get(address, 0.0), time.monotonic() + seconds)

    def _claim(self, key: str, rate: float, now: float) -> float:
        start = max(now, self._next.get(key, 0.0))
        if rate > 0:
            if len(self._next) > _REMEMBERED:
                self._next = {name: when for name, when in self._next.items() if when > now}
            self._next[key] = start + 1.0 / rate
        return start
