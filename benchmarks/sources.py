"""CPU time of opening things, each beside what the standard tools take: `python benchmarks/sources.py [COMMITS]`.

Needs git. Prints a table; everything is made in a temporary folder from a fixed seed.
"""

from __future__ import annotations

import io
import json
import os
import random
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.scope.guard import Guard
from bartizan.scope.target import parse_target
from bartizan.sources.archive import members
from bartizan.sources.format import sniff
from bartizan.sources.history import History
from bartizan.syntax.json import read_json

DICE = random.Random(1)  # noqa: S311 - the same data on every run


def cpu(work: Callable[[], object]) -> tuple[float, object]:
    """The best of three runs, in CPU seconds of this process and its children."""
    best, result = float("inf"), None
    for _ in range(3):
        start = _cpu()
        result = work()
        best = min(best, _cpu() - start)
    return best, result


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def sources(count: int) -> dict[str, bytes]:
    """Files of some kilobytes that look like code."""
    words = ["import", "value", "self", "return", "config", "model", "tensor", "def", "class", "for"]
    made = {}
    for number in range(count):
        lines = [" ".join(DICE.choices(words, k=8)) for _ in range(DICE.randint(20, 150))]
        made[f"src/part{number % 50}/file{number}.py"] = "\n".join(lines).encode()
    return made


def make_repository(folder: Path, commits: int) -> None:
    """A linear history: one to three files of up to 200 lines change in each commit."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    importer = subprocess.Popen(["git", "-C", str(folder), "fast-import", "--quiet"], stdin=subprocess.PIPE)
    assert importer.stdin
    files: dict[str, list[bytes]] = {}
    for number in range(commits):
        who = f"A <a@example.org> {1_600_000_000 + number * 60} +0000"
        importer.stdin.write(f"commit refs/heads/main\ncommitter {who}\ndata 6\nchange\n".encode())
        for _ in range(DICE.choice((1, 1, 2, 3))):
            name = f"src/m{DICE.randrange(40)}/f{DICE.randrange(25)}.py"
            lines = files.setdefault(name, [])
            for _ in range(3):
                lines.insert(DICE.randrange(len(lines) + 1), b"line %d of %d\n" % (DICE.randrange(10**9), number))
            del lines[:-200]
            data = b"".join(lines)
            importer.stdin.write(b"M 644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data))
    importer.stdin.close()
    importer.wait()
    subprocess.run(["git", "-C", str(folder), "reset", "-q", "--hard"], check=True)


def walk_history(folder: Path) -> int:
    """List, open and read everything."""
    source, target, size = History(Settings(), Guard(None)), parse_target(str(folder)), 0
    for batch in source.batches(target):
        if not isinstance(batch, Coverage):
            size += sum(seen.size for seen in source.subjects(batch) if isinstance(seen, Blob))
    return size


def walk_archive(data: bytes, name: str) -> int:
    """Open and read everything."""
    blob = Blob(Location(path=name), data, sniff(name, data))
    return sum(seen.size for seen in members(blob) if isinstance(seen, Blob))


def read_zip(data: bytes) -> int:
    """What the standard library needs for the same."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(len(archive.read(info)) for info in archive.infolist())


def read_tar(data: bytes) -> int:
    """What the standard library needs for the same."""
    size = 0
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for info in archive:
            file = archive.extractfile(info)
            size += len(file.read()) if file else 0
    return size


def git(folder: Path, *arguments: str) -> int:
    """Bytes that git prints."""
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True)
    return len(done.stdout)


def show(line: str) -> None:
    """One line of output, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def row(what: str, ours: float, peer: str, theirs: float) -> None:
    """One line of the table."""
    show(f"| {what} | {ours:.2f} | {peer} | {theirs:.2f} | {ours / theirs:.2f} |")


def archives() -> None:
    """Zip, tar and compressed tar of 10,000 files."""
    files = sources(10_000)
    packed, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    with tarfile.open(fileobj=tarred, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    import gzip

    zipped, plain, squeezed = packed.getvalue(), tarred.getvalue(), gzip.compress(tarred.getvalue(), 6)
    row(
        "zip, 10,000 files",
        cpu(lambda: walk_archive(zipped, "a.zip"))[0],
        "zipfile, read all",
        cpu(lambda: read_zip(zipped))[0],
    )
    row(
        "tar, 10,000 files",
        cpu(lambda: walk_archive(plain, "a.tar"))[0],
        "tarfile, read all",
        cpu(lambda: read_tar(plain))[0],
    )
    ours = cpu(lambda: walk_archive(squeezed, "a.tar.gz"))[0]
    row("tar.gz, 10,000 files", ours, "tarfile, read all", cpu(lambda: read_tar(squeezed))[0])


def small_things() -> None:
    """The question asked of every file, and a large JSON."""
    files = list(sources(2000).items())
    start = time.process_time()
    for _ in range(20):
        for name, data in files:
            sniff(name, data)
    show(f"\nsniff of a text: {(time.process_time() - start) / 40_000 * 1e6:.2f} µs")
    text = json.dumps([{"name": f"n{number}", "value": [number, {"x": None}]} for number in range(50_000)])
    ours, theirs = cpu(lambda: read_json(text))[0], cpu(lambda: json.loads(text))[0]
    places = cpu(lambda: len(read_json(text).places))[0]
    show(f"JSON of {len(text) >> 10} KiB: {ours:.2f} s, with all places {places:.2f} s, json.loads {theirs:.2f} s")


def main() -> None:
    """Print the table."""
    commits = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    show("| what | CPU s | peer | CPU s | ratio |\n|---|---|---|---|---|")
    archives()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
        repository = Path(folder) / "r"
        make_repository(repository, commits)
        ours, _ = cpu(lambda: walk_history(repository))
        what = f"history, {commits:,} commits"
        row(what, ours, "git log -p --all", cpu(lambda: git(repository, "log", "-p", "--all"))[0])
        everything = ("cat-file", "--batch", "--batch-all-objects", "--unordered")
        row(what, ours, "git cat-file, every object", cpu(lambda: git(repository, *everything))[0])
    small_things()
    show(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


if __name__ == "__main__":
    main()
