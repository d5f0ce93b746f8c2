"""Starts and ends the lab."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bartizan.model.errors import UsageError

_MARK = "bartizan.lab.keeper"
START_SECONDS = 30.0


def start(folder: Path, minutes: float) -> dict[str, Any]:
    """Start the lab in a folder that does not exist yet, and return its state once it listens.

    Raises UsageError when the folder is in use or the lab does not come up.
    """
    if folder.exists():
        raise UsageError(f"{folder} exists already", "end the lab with `bartizan lab down`, or name another folder")
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"{folder}: {(error.strerror or str(error)).lower()}") from None
    log = folder / "lab.log"
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", _MARK, str(folder), str(minutes)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (folder / "lab.json").exists():
            return read_state(folder)
        if keeper.poll() is not None:
            break
        time.sleep(0.05)
    keeper.kill()
    said = log.read_text("utf-8", "replace").strip().splitlines()
    shutil.rmtree(folder)
    raise UsageError(f"the lab did not start: {said[-1] if said else 'no answer in time'}")


def read_state(folder: Path) -> dict[str, Any]:
    """Where the lab in that folder listens. Raises UsageError when there is none."""
    try:
        state: dict[str, Any] = json.loads((folder / "lab.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise UsageError(f"no lab in {folder}", "start one with `bartizan lab up`") from None
    return state


def stop(folder: Path) -> None:
    """End the lab and remove what it wrote. Raises UsageError when there is none in that folder."""
    pid = int(read_state(folder)["pid"])
    if _is_keeper(pid):
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while _is_keeper(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        if _is_keeper(pid):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder)


def _is_keeper(pid: int) -> bool:
    """Whether that process is a lab's, and not another that was given its number since."""
    import psutil

    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and _MARK in process.cmdline()
    except psutil.Error:
        return False
