"""The face: cheap to start, one line for every mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bartizan import __version__
from bartizan.cli.main import COMMANDS

HEAVY = (
    "msgspec", "yaml", "re2", "sqlalchemy", "alembic", "jinja2", "cryptography", "rich", "psutil", "pygit2",
    "hyperscan", "asyncio", "multiprocessing", "py7zr", "distributed", "ssl", "sqlite3", "concurrent.futures.process",
)  # fmt: skip


def modules_after(*arguments: str) -> set[str]:
    """Names of the modules that a run of the command line has imported."""
    code = (
        "import sys, json, atexit\n"
        "atexit.register(lambda: sys.stderr.write(json.dumps(sorted(sys.modules))))\n"
        f"sys.argv = ['bartizan', *{list(arguments)!r}]\n"
        "from bartizan.cli.main import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr))


@pytest.mark.parametrize("arguments", [["--help"], ["version"], ["--version"]])
def test_starting_is_cheap(arguments: list[str]) -> None:
    imported = modules_after(*arguments)
    assert not imported & set(HEAVY)
    assert len(imported) < 200


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bartizan", *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_version_prints_the_version_and_nothing_else() -> None:
    done = run("version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


def test_every_command_has_help_with_an_example() -> None:
    for name in COMMANDS:
        done = run(name, "--help")
        assert done.returncode == 0, done.stderr
        assert f"bartizan {name}" in done.stdout.partition("Example:")[2], f"{name} has no example"


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["scan", "--nonsense"], ["scan", "--fail-on", "terrible", "."], ["scan", "./does-not-exist"],
     ["scan", ".", "--only", "nonsense"], ["scan", ".", "--scope", "does-not-exist.yaml"], ["rules", "show", "a/b"],
     ["scan", ".", "--output", "x.unknown"], ["scan", ".", "--output", "no/such/folder/x.json"],
     ["scan", ".", "--format", "unknown"], ["scan", ".", "--engine", "tcp://10.0.0.1:1"],
     ["scan", ".", "--packs", "does-not-exist"], ["scan", ".", "--baseline", "does-not-exist.json"],
     ["scan", ".", "--store", "nonsense://x"], ["scan", ".", "--jobs", "0"]],
)  # fmt: skip
def test_a_wrong_request_is_one_line_and_exit_2(arguments: list[str], tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    lines = done.stderr.splitlines()
    assert done.returncode == 2, done.stderr
    assert lines[0].startswith("bartizan: ")
    assert len(lines) <= 2
    assert done.stdout == ""
