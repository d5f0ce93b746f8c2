"""Targets that are named more than once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bartizan.model.settings import Settings
from bartizan.scan.order import Order
from bartizan.scan.plan import make_plan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a/b", "ab", "a/.git/hooks"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a/b/file").touch()
    (tmp_path / "link").symlink_to("a")
    return tmp_path


@pytest.mark.parametrize(
    ("named", "opened"),
    [
        (["a", "a/", "./a", "link"], ["a"]),
        (["a/b", "a", "a/b/file"], ["a"]),
        (["a", "ab"], ["a", "ab"]),
        (["a", "a/.git/hooks"], ["a", "a/.git/hooks"]),
        ([".", "a", "ab", "127.0.0.1", "127.0.0.1"], [".", "127.0.0.1"]),
    ],
)
def test_nothing_is_looked_at_twice(
    folder: Path, monkeypatch: pytest.MonkeyPatch, named: list[str], opened: list[str]
) -> None:
    monkeypatch.chdir(folder)
    plan = make_plan(Order((), Settings()), named)
    assert [target.text for target in plan.targets] == opened
