"""Packages, intelligence and data sets: CPU seconds of whole processes, start-up taken off.

    python benchmarks/packages.py            # environment of 400 distributions, lock files, data sets
    python benchmarks/packages.py --peer CMD # and a peer's command on the same environment, {} for its folder

The environment is made here: 400 distributions with 12 modules each, every file in its RECORD.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import random
import resource
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

DISTRIBUTIONS, MODULES, ROUNDS = 400, 12, 3
SOURCE = "def value_N(scale: int) -> int:\n    return scale * N\n\n\n"


def make_environment(site: Path) -> None:
    """400 distributions as pip leaves them."""
    for number in range(DISTRIBUTIONS):
        name, version = f"dist{number}", f"1.{number}.0"
        info = f"{name}-{version}.dist-info"
        files = {f"{name}/m{at}.py": SOURCE.replace("N", str(at)).encode() * 60 for at in range(MODULES)}
        files[f"{name}/__init__.py"] = b"from .m0 import value_0\n"
        files[f"{info}/METADATA"] = (
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n{'Text ' * 800}\n".encode()
        )
        files[f"{info}/INSTALLER"] = b"pip\n"
        lines = []
        for path, content in files.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_bytes(content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append(f"{path},sha256={digest},{len(content)}\n")
        (site / info / "RECORD").write_text("".join(lines))


def make_locks(folder: Path) -> None:
    """A uv.lock of 400 packages and a package-lock.json of 1,500."""
    names = ["torch", "vllm", "langchain-core", "mlflow", "gradio", *(f"package{at}" for at in range(395))]
    blocks = [
        f'[[package]]\nname = "{name}"\nversion = "0.{at}.1"\nsource = {{ registry = "https://example.com/simple" }}\n'
        f'sdist = {{ url = "https://example.com/{name}.tar.gz", hash = "sha256:{at:064x}", size = 1 }}\n'
        for at, name in enumerate(names)
    ]
    (folder / "uv.lock").write_text("version = 1\n\n" + "\n".join(blocks))
    packages = {
        f"node_modules/package{at}": {"version": f"1.{at}.0", "integrity": "sha512-AAAA"} for at in range(1_500)
    }
    (folder / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3, "packages": packages}, indent=2))


def make_data(folder: Path) -> None:
    """A labelled CSV of 50,000 reviews, and a JSON Lines file of 400 MB."""
    chance = random.Random(7)
    words = [f"word{at}" for at in range(3_000)]
    rows = [f"{' '.join(chance.choices(words, k=20))},{chance.choice(['good', 'bad'])}\n" for _ in range(50_000)]
    (folder / "reviews.csv").write_text("text,label\n" + "".join(rows))
    with open(folder / "corpus.jsonl", "w", encoding="utf-8") as file:
        for start in range(400_000):
            file.write('{"id": %d, "text": "%s"}\n' % (start, " ".join(words[start % 2_800 : start % 2_800 + 120])))


def cpu(command: list[str]) -> float:
    """User and system seconds of one process and its children, best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def main() -> None:
    """Print a line for each measurement."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", action="append", default=[], help="command with {} for the environment's folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        places = {name: Path(root) / name for name in ("empty", "environment", "locks", "csv", "jsonl")}
        for place in places.values():
            place.mkdir()
        make_environment(places["environment"])
        make_locks(places["locks"])
        make_data(places["csv"])
        os.rename(places["csv"] / "corpus.jsonl", places["jsonl"] / "corpus.jsonl")
        scan = [sys.executable, "-m", "bartizan", "scan", "--no-store", "--quiet", "--jobs", "1", "--format", "json"]
        domains = {"csv": "artifacts", "jsonl": "artifacts"}
        for name, place in places.items():
            seconds = cpu([*scan, "--only", domains.get(name, "packages,vuln"), str(place)])
            print(f"{name}: {seconds:.2f} s")  # noqa: T201
        for peer in options.peer:
            command = shlex.split(peer.replace("{}", str(places["environment"])))
            print(f"{command[0]}: {cpu(command):.2f} s")  # noqa: T201


if __name__ == "__main__":
    main()
