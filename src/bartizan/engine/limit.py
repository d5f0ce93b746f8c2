"""A ceiling on the time that one subject may take."""

from __future__ import annotations

import math
import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any

from bartizan.model.errors import LimitError

_TICKS = 60
"""How often the time is looked at while the longest allowed time goes by."""


class Watch:
    """Raises LimitError in whatever runs longer than `seconds` between `start` and `stop`.

    Works by a timer signal that ticks as long as the watch is entered, so only in the main thread of a process (a
    pool's worker, or an inline scan) and between two instructions of the interpreter; elsewhere it never raises.
    One timer for many subjects: setting one for each costs more than most subjects.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = math.inf
        self._previous: Any = None
        self._ticks = False

    def __enter__(self) -> Watch:
        if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
            self._previous = signal.signal(signal.SIGALRM, self._tick)
            signal.setitimer(signal.ITIMER_REAL, self._seconds / _TICKS, self._seconds / _TICKS)
            self._ticks = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._ticks:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._previous)
            self._ticks = False

    def start(self) -> None:
        """From here on the time counts."""
        self._deadline = time.monotonic() + self._seconds

    def stop(self) -> None:
        """From here on it does not."""
        self._deadline = math.inf

    def _tick(self, _number: int, _frame: FrameType | None) -> None:
        if time.monotonic() > self._deadline:
            self.stop()
            raise LimitError(f"stopped after {self._seconds:g} s")
