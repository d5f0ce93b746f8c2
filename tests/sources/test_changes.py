from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.sensors.secrets.conftest import GROQ, OPENAI, fake


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "old.env").write_text(f"A={fake(GROQ)}\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def scan(bartizan: Any, folder: Any, *options: Any) -> Any:
    return bartizan("scan", folder, "--only", "secrets", "--no-store", "--format", "json", *options)


def test_only_staged_lines_count(bartizan: Any, repository: Any) -> None:
    (repository / "app" / "old.env").write_text(f"A={fake(GROQ)}\nB={fake(OPENAI)}\n")
    git(repository, "add", "-A")
    (repository / "unstaged.env").write_text(f"C={fake(GROQ, 'c')}\n")
    [finding] = scan(bartizan, repository, "--staged").document["findings"]
    assert (finding["rule"], finding["location"]["path"], finding["location"]["line"]) == (
        "secrets/openai-project",
        "app/old.env",
        2,
    )


def test_the_index_counts_and_not_the_file(bartizan: Any, repository: Any) -> None:
    (repository / "new.env").write_text(f"B={fake(OPENAI)}\n")
    git(repository, "add", "-A")
    (repository / "new.env").write_text("B=\n")
    assert scan(bartizan, repository, "--staged").rules == ["secrets/openai-project"]


def test_a_first_commit(bartizan: Any, tmp_path: Any) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.env").write_text(f"B={fake(OPENAI)}\n")
    git(tmp_path, "add", "-A")
    assert scan(bartizan, tmp_path, "--staged").rules == ["secrets/openai-project"]


def test_what_was_added_since_a_revision(bartizan: Any, repository: Any) -> None:
    (repository / "two.env").write_text(f"B={fake(OPENAI)}\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "two")
    (repository / "three.env").write_text(f"B={fake(OPENAI, '3')}\n")
    git(repository, "add", "-A")
    assert scan(bartizan, repository, "--since", "HEAD~1").rules == ["secrets/openai-project"] * 2
    assert len(scan(bartizan, repository, "--since", "HEAD").rules) == 1
    git(repository, "tag", "-a", "-m", "x", "v1", "HEAD~1")
    git(repository, "pack-refs", "--all")
    for revision in ("v1", "main~1", "main^", "@^1"):
        assert len(scan(bartizan, repository, "--since", revision).rules) == 2


def test_a_folder_below_the_top(bartizan: Any, repository: Any) -> None:
    (repository / "app" / "new.env").write_text(f"B={fake(OPENAI)}\n")
    (repository / "top.env").write_text(f"B={fake(OPENAI, 't')}\n")
    git(repository, "add", "-A")
    [finding] = scan(bartizan, repository / "app", "--staged").document["findings"]
    assert finding["location"]["path"] == "new.env"


def test_outside_a_repository_and_unknown_revisions(bartizan: Any, tmp_path: Any, repository: Any) -> None:
    assert scan(bartizan, repository, "--since", "nope").code == 2
    (tmp_path / "plain").mkdir()
    ran = bartizan("scan", "/usr/share", "--staged", "--no-store")
    assert (ran.code, "not inside a git repository" in ran.err) == (2, True)


def test_standard_input(bartizan: Any) -> None:
    ran = bartizan("scan", "-", "--only", "secrets", "--no-store", "--format", "json", stdin=f"x\nB={fake(OPENAI)}\n")
    [finding] = ran.document["findings"]
    assert (finding["location"]["path"], finding["location"]["line"]) == ("stdin", 2)
