"""Standard streams that may be closed, full or cut off, as `main` leaves them to the commands."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from bartizan.model.errors import OutputError


class ClosedOutputError(OutputError):
    """The reader of standard output has gone: nobody is left to tell, and nothing is wrong."""

    exit_code = 0


class Outlet(io.FileIO):
    """Standard output whose failures are OutputErrors; click would take an OSError for itself."""

    def write(self, data: Any, /) -> int:
        """See FileIO. Raises OutputError."""
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            raise ClosedOutputError("standard output is closed") from None
        except OSError as error:
            raise OutputError(f"standard output: {(error.strerror or str(error)).lower()}") from None


def settle_streams() -> None:
    """Give the process its three standard streams.

    One that is closed becomes the null device: else the next file opened, perhaps the store, would take its number,
    and what is printed would end in it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number is this one
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    line_buffering = sys.stdout is not None and sys.stdout.isatty()
    out = io.BufferedWriter(Outlet(1, "w", closefd=False))
    sys.stdout = io.TextIOWrapper(out, encoding="utf-8", errors="backslashreplace", line_buffering=line_buffering)


def abandon_output() -> None:
    """Let what is still buffered for standard output go nowhere, so that ending the process raises nothing."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
