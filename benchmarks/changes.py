"""CPU seconds of `bartizan scan --staged` and `--since HEAD` in a fresh repository of a copy of this project's source."""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
COMMANDS = (["--staged", "--only", "secrets"], ["--since", "HEAD", "--only", "secrets"], ["--staged"])


def cpu(command, cwd):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=cwd, check=False, capture_output=True, env=os.environ | {"PYTHONPATH": str(SOURCE)})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


with tempfile.TemporaryDirectory() as folder:
    git = ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.org"]
    shutil.copytree(SOURCE, Path(folder, "src"), ignore=shutil.ignore_patterns("__pycache__"))
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *arguments], check=True)
    for number in range(5):
        Path(folder, "src", f"n{number}.py").write_text(f"x = {number}\n")
    subprocess.run([*git, "add", "-A"], check=True)
    for options in COMMANDS:
        command = [sys.executable, "-m", "bartizan", "scan", *options, "--no-store", "--quiet"]
        cpu(command, folder)
        print(f"{statistics.median(cpu(command, folder) for _ in range(3)):.2f} s  {' '.join(options)}")
