"""How fast hosts may be asked."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field


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

    def slow_down(self, address: str, seconds: float) -> None:
        """Leave the address alone for so long (it answered 429 or 503)."""
        with self._lock:
            self._next[address] = max(self._next.get(address, 0.0), time.monotonic() + seconds)

    def _claim(self, key: str, rate: float, now: float) -> float:
        start = max(now, self._next.get(key, 0.0))
        if rate > 0:
            self._next[key] = start + 1.0 / rate
        return start
