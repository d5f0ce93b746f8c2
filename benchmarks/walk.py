"""Walk, read and dispatch over a tree of 100,000 files, beside a bare loop in Python.

    python benchmarks/walk.py FOLDER [RUNS]

Makes the tree (2 GB) in FOLDER unless it is there. Each round runs the bare loop, a scan on one process and one on
two; printed are medians of CPU seconds (children included) and of wall seconds, and the ratios within the rounds.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

BARE = """
import os, sys
def walk(folder):
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                walk(entry.path)
            elif entry.is_file(follow_symlinks=False):
                with open(entry.path, "rb") as file:
                    file.read()
walk(sys.argv[1])
"""


def make_tree(root: Path) -> None:
    source = random.Random(1)
    text = bytes(source.choices(b"abcdefghij \n", k=200_000))
    for folder in range(500):
        place = root / f"d{folder // 25}" / f"e{folder % 25}"
        place.mkdir(parents=True)
        for number in range(200):
            (place / f"f{number}.txt").write_bytes(text[: source.choice([200, 2_000, 8_000, 20_000, 70_000])])


def run(arguments: list[str]) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    root, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    if not root.exists():
        make_tree(root)
    scan = [sys.executable, "-m", "bartizan", "scan", str(root), "--only", "mcp/clients", "--no-store", "--quiet"]
    commands = {
        "bare": [sys.executable, "-c", BARE, str(root)],
        "one": [*scan, "--jobs", "1"],
        "two": [*scan, "--jobs", "2"],
    }
    for command in commands.values():
        run(command)
    figures = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            figures[name].append(run(command))
    for name, rows in figures.items():
        cpu, wall = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{name:5} {cpu:6.2f} s CPU {wall:6.2f} s wall")
    ratio = statistics.median(one[0] / bare[0] for one, bare in zip(figures["one"], figures["bare"], strict=True))
    speed = statistics.median(one[1] / two[1] for one, two in zip(figures["one"], figures["two"], strict=True))
    print(f"CPU of a scan over the bare loop: {ratio:.2f}; two processes over one: {speed:.2f} times as fast")
    print(f"largest process: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
