"""Outside the scope: exit 4, and not one packet, DNS questions included."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize(
    "target", ["example.org", "10.0.0.1", "http://192.168.0.1:8000/", "10.0.0.0/30", "[fe80::1]:80"]
)
def test_no_packet_leaves(target: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (tmp_path / "file.txt").write_text("text")
    done = subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=socket,connect,sendto,sendmsg,sendmmsg", "-o", str(trace),
         sys.executable, "-m", "bartizan", "scan", "file.txt", target, "--no-store"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("bartizan: ")
    assert len(done.stderr.splitlines()) == 1
    assert "AF_INET" not in trace.read_text("utf-8", "replace")
