"""`python -m bartizan`, and the command `bartizan`."""

from __future__ import annotations

import os
import signal


def start() -> None:
    """Run the command line. While its modules are still being imported there is nothing to keep: it just ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(130))
    from bartizan.cli.main import main

    main()


if __name__ == "__main__":
    start()
