"""A file that shrinks while it is looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("seconds", [0.4, 0.8])
def test_a_file_cut_short_meanwhile_does_not_end_the_scan(tmp_path: Path, seconds: float) -> None:
    log = tmp_path / "api.log"
    log.write_bytes(b"a line of some text that means nothing\n" * 4_000_000)
    command = [sys.executable, "-m", "bartizan", "scan", str(tmp_path), "--no-store", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as scan:
        try:
            scan.wait(seconds)
        except subprocess.TimeoutExpired:
            os.truncate(log, 0)
        out, complaint = scan.communicate(timeout=60)
    assert scan.returncode in (0, 3), complaint
    assert b'"schema": "bartizan/1"' in out or b'"schema":"bartizan/1"' in out
    assert complaint == b""
