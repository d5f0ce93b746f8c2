"""Work on this machine: in this process, or in a pool of processes."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")

_PR_SET_PDEATHSIG = 1


class InlineExecutor(Executor):
    """Runs what is submitted at once, in the caller's thread: for one job, and for small scans."""

    def submit(
        self, fn: Callable[Arguments, Returned], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Future[Returned]:
        """The future is done when this returns. KeyboardInterrupt passes through to the caller."""
        future: Future[Returned] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - an executor hands whatever was raised to its future
            future.set_exception(error)
        return future


def process_pool(jobs: int) -> ProcessPoolExecutor:
    """A pool whose workers leave Ctrl-C to the parent, and end when it ends.

    Forking shares what is already imported; it is safe only while no other thread runs.
    """
    forkable = sys.platform.startswith("linux") and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forkable else "spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_settle, initargs=(os.getpid(),))


def _settle(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform.startswith("linux"):
        libc: Any = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
