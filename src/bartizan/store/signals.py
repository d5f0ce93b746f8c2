"""Signals that end the program wait until a transaction is over."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Answer Ctrl-C and SIGTERM behind the block instead of in it.

    A KeyboardInterrupt within a driver's call leaves the transaction open as long as the traceback lives, and
    noting in the store that the scan was interrupted would wait for its own lock. A second signal is answered at
    once. Signals reach the main thread alone; elsewhere the block runs as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {number: signal.getsignal(number) or signal.SIG_DFL for number in _ENDING}

    def restore() -> None:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            restore()
            signal.raise_signal(number)

    for number in _ENDING:
        signal.signal(number, note)
    try:
        yield
    finally:
        restore()
        if len(came) == 1:
            signal.raise_signal(came[0])
