"""A ceiling on the time that one subject may take."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from bartizan.model.errors import LimitError


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise LimitError in the block once the time is up.

    Works by a timer signal, so only in the main thread of a process (a pool's worker, or an inline scan) and
    between two instructions of the interpreter; elsewhere the block runs without a ceiling of this kind.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise LimitError(f"stopped after {seconds:g} s")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
