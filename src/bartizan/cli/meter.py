"""Progress on a terminal; nothing anywhere else."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from bartizan.scan.pipeline import Progress


class Meter:
    """One line on stderr that is rewritten as the scan goes on, and wiped at its end."""

    def __init__(self, *, quiet: bool) -> None:
        self._on = not quiet and sys.stderr.isatty()
        self._next = 0.0
        self._start = time.monotonic()

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._on:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def show(self, progress: Progress) -> None:
        """Draw the counts, at most ten times a second."""
        now = time.monotonic()
        if not self._on or now < self._next:
            return
        self._next = now + 0.1
        line = (
            f"{progress.subjects:,} looked at, {progress.size / 1e6:,.0f} MB, {progress.findings:,} findings, "
            f"{now - self._start:.0f} s  {progress.what}"
        )
        sys.stderr.write(f"\r\x1b[K{line[:110]}")
        sys.stderr.flush()
