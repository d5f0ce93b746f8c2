"""`--staged`, `--since` and standard input, through the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran
from tests.sensors.secrets.conftest import GROQ, OPENAI, fake
from tests.sources.archives import make_zip
from tests.sources.repositories import Repo

Bartizan = Callable[..., Ran]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit("one", app__old=f"A={fake(GROQ)}\n".encode(), keep=b"k\n")
    return made


def scan(bartizan: Bartizan, target: str | Path, *options: str, **more: str) -> Ran:
    return bartizan("scan", target, "--only", "secrets", "--no-store", "--format", "json", *options, **more)


def places(ran: Ran) -> list[tuple[str, int]]:
    assert ran.code in (0, 3), ran.err
    return sorted((found["location"]["path"], found["location"]["line"]) for found in ran.document["findings"])


def test_only_staged_lines_count(bartizan: Bartizan, repo: Repo) -> None:
    repo.write("app/old", f"A={fake(GROQ)}\nB={fake(OPENAI)}\n".encode())
    repo.git("add", "-A")
    repo.write("loose.env", f"C={fake(GROQ, 'c')}\n".encode())
    ran = scan(bartizan, repo.path, "--staged")
    assert places(ran) == [("app/old", 2)]
    assert ran.rules == ["secrets/openai-project"]
    assert places(scan(bartizan, repo.path / "app", "--staged")) == [("old", 2)]
    assert bartizan("scan", "--staged", "--fail-on", "low", "--no-store", "--quiet", cwd=repo.path).code == 1


def test_what_was_added_and_removed_since_a_revision(bartizan: Bartizan, repo: Repo) -> None:
    two = repo.commit("two", brief=f"x\nB={fake(OPENAI)}\n".encode())
    repo.commit("three", brief=None)
    repo.write("loose.env", f"C={fake(GROQ, 'c')}\n".encode())
    ran = scan(bartizan, repo.path, "--since", "HEAD~2")
    assert places(ran) == [("brief", 2), ("loose.env", 1)]
    assert {found["location"].get("commit") for found in ran.document["findings"]} == {two, None}
    assert places(scan(bartizan, repo.path, "--since", "HEAD")) == [("loose.env", 1)]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--since", "nope"], "no such revision"),
        (["--staged", "--since", "HEAD"], "exclude each other"),
        (["--staged", "127.0.0.1"], "are for files and folders"),
    ],
)
def test_wrong_requests(bartizan: Bartizan, repo: Repo, options: list[str], what: str) -> None:
    ran = bartizan("scan", ".", *options, "--no-store", cwd=repo.path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("bartizan: ")
    assert what in ran.err


def test_outside_of_a_repository(bartizan: Bartizan, tmp_path: Path) -> None:
    for option in (["--staged"], ["--since", "HEAD"]):
        ran = bartizan("scan", *option, "--no-store", cwd=tmp_path)
        assert (ran.code, ran.out) == (2, "")
        assert "not inside a git repository" in ran.err


def test_standard_input(bartizan: Bartizan) -> None:
    ran = scan(bartizan, "-", stdin=f"x\nB={fake(OPENAI)}\n")
    assert places(ran) == [("stdin", 2)]
    assert ran.document["scan"]["targets"] == ["-"]


def test_an_archive_on_standard_input(tmp_path: Path) -> None:
    import json
    import subprocess
    import sys

    box = make_zip({"in/a.env": f"x\nB={fake(OPENAI)}\n".encode()})
    command = [sys.executable, "-m", "bartizan", "scan", "-", "--only", "secrets", "--no-store", "--format", "json"]
    done = subprocess.run(command, input=box, capture_output=True, check=True, cwd=tmp_path)
    [found] = json.loads(done.stdout)["findings"]
    assert (found["location"]["path"], found["location"]["member"], found["location"]["line"]) == (
        "stdin",
        "in/a.env",
        2,
    )
