"""Homes, folders and stores that cannot be used."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.model.home import NOWHERE, cache_folder, data_folder
from tests.conftest import Ran


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_user_without_a_home_gets_no_folder_called_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda text: text)  # what it does for a user id without an entry
    assert data_folder().is_relative_to(NOWHERE)
    assert cache_folder().is_relative_to(NOWHERE)


def test_a_relative_base_folder_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "here")
    assert data_folder() == Path("~/.local/share/bartizan").expanduser()


def test_a_scan_goes_on_where_nothing_can_be_kept(
    bartizan: Callable[..., Ran], closed_port: int, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    ran = bartizan("scan", f"127.0.0.1:{closed_port}", "--format", "json", XDG_DATA_HOME=str(tmp_path / "file"))
    assert ran.code == 0
    assert json.loads(ran.out)["errors"] == []
    assert [line.partition(" ")[0] for line in ran.err.splitlines()] == ["bartizan:", "bartizan:"]


def test_nothing_is_touched_under_a_scope_without_a_record(
    bartizan: Callable[..., Ran], closed_port: int, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    scope = tmp_path / "scope.yaml"
    scope.write_text(f"authorised_by: Ada\nuntil: 2099-01-01\ntargets: ['127.0.0.1:{closed_port}']\n", "utf-8")
    store = tmp_path / "store.db"
    arguments = ("scan", f"127.0.0.1:{closed_port}", "--scope", scope, "--store", store)
    ran = bartizan(*arguments, XDG_DATA_HOME=str(tmp_path / "file"))
    assert ran.code == 2
    assert ran.err.startswith("bartizan: cannot record what is touched in ")
    assert ran.err.count("\n") == 1


def test_a_current_folder_that_is_gone_is_one_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone} && rmdir {gone} && exec {sys.executable} -m bartizan scan --no-store"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "bartizan: .: the current folder does not exist any more\n"


def test_an_empty_store_address_is_a_wrong_request(bartizan: Callable[..., Ran], tmp_path: Path) -> None:
    ran = bartizan("scan", tmp_path, "--store", "")
    assert ran.code == 2
    assert ran.err.startswith("bartizan: not the address of a store")


def test_a_scan_whose_engine_does_not_answer_leaves_the_state_of_the_store(
    bartizan: Callable[..., Ran], closed_port: int, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    folder, store = tmp_path / "folder", tmp_path / "store.db"
    folder.mkdir()
    (folder / "requirements.txt").write_text("openai==1.0.0\n", "utf-8")
    assert bartizan("scan", folder, "--store", store).code == 0
    before = bartizan("assets", "list", "--store", store, "--format", "json").out
    assert json.loads(before)
    ran = bartizan("scan", folder, "--store", store, "--engine", f"tcp://127.0.0.1:{closed_port}")
    assert ran.code == 2
    assert bartizan("assets", "list", "--store", store, "--format", "json").out == before
