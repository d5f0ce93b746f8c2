"""Ctrl-C and a polite kill, whenever they come."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    for number in range(3000):
        (folder / f"{number}.py").write_text(f"import os\nx = {number}\n" * 20, "utf-8")
    return folder


@pytest.mark.parametrize("seconds", [0.08, 0.4, 0.9, 1.3, 1.8])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_exit_130_and_nothing_left_behind(folder: Path, tmp_path: Path, seconds: float, number: signal.Signals) -> None:
    store = tmp_path / "store.db"
    command = [sys.executable, "-m", "bartizan", "scan", str(folder), "--store", str(store), "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as scan:
        time.sleep(seconds)
        began = time.monotonic()
        workers = psutil.Process(scan.pid).children(recursive=True) if scan.poll() is None else []
        was_running = scan.poll() is None
        if number is signal.SIGINT and was_running:
            os.killpg(scan.pid, number)  # as a terminal does: to parent and workers
        else:
            scan.send_signal(number)
        _, complaint = scan.communicate(timeout=30)
    assert time.monotonic() - began < 20
    assert b"Traceback" not in complaint, complaint.decode()
    assert scan.returncode in ((130, 0) if was_running else (0,)), complaint.decode()  # 0: it was done already
    assert not [left.pid for left in workers if psutil.pid_exists(left.pid)]
    if store.exists():
        with sqlite3.connect(store) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
