"""A scan from end to end, through the command line."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran

Bartizan = Callable[..., Ran]


class Canary:
    """Pickles to a call that would only print."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, ("print('canary')",))


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    """A folder with something for each domain that looks at files."""
    folder = tmp_path / "estate"
    (folder / ".cursor").mkdir(parents=True)
    servers = {"files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/"]}}
    (folder / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": servers}, indent=1))
    (folder / "model.pkl").write_bytes(pickle.dumps(Canary()))
    (folder / "notes.txt").write_text("nothing here\n")
    return folder


def test_the_document(bartizan: Bartizan, estate: Path) -> None:
    ran = bartizan("scan", estate, "--no-store", "--format", "json")
    assert ran.code == 0, ran.err
    document = ran.document
    assert list(document) == [
        "schema", "scan", "assets", "relations", "findings", "paths", "coverage", "errors", "stats",
    ]  # fmt: skip
    assert document["schema"] == "bartizan/1"
    assert set(document["scan"]) >= {"id", "started", "finished", "version", "targets", "scope"}
    assert {"mcp/unpinned-package", "models/pickle-dangerous-global"} <= set(ran.rules)
    assets = {asset["id"] for asset in document["assets"]}
    for finding in document["findings"]:
        assert finding["asset"] in assets
        assert finding["location"]["path"] in (".cursor/mcp.json", "model.pkl")
        assert finding["evidence"]
        assert finding["remediation"]


def test_ids_are_the_same_again_and_elsewhere(bartizan: Bartizan, estate: Path, tmp_path: Path) -> None:
    def ids(ran: Ran) -> list[list[str]]:
        return [[row["id"] for row in ran.document[table]] for table in ("assets", "relations", "findings")]

    first = ids(bartizan("scan", estate, "--format", "json"))
    again = ids(bartizan("scan", estate, "--format", "json"))
    from_inside = ids(bartizan("scan", ".", "--no-store", "--format", "json", cwd=estate))
    moved = estate.rename(tmp_path / "moved")
    elsewhere = ids(bartizan("scan", "moved", "--no-store", "--format", "json", cwd=moved.parent))
    assert first == again == from_inside == elsewhere
    assert first[2]


def test_every_format_has_the_same_findings(bartizan: Bartizan, estate: Path, tmp_path: Path) -> None:
    names = ["r.json", "r.jsonl", "r.sarif", "r.csv", "r.md", "r.junit.xml", "r.html", "r.cdx.json"]
    outputs = [part for name in names for part in ("--output", str(tmp_path / name))]
    ran = bartizan("scan", estate, "--no-store", "--format", "json", *outputs)
    assert ran.code == 0, ran.err
    rules = ran.rules
    assert json.loads((tmp_path / "r.json").read_text())["findings"] == ran.document["findings"]
    assert sorted(json.loads(line)["rule"] for line in (tmp_path / "r.jsonl").read_text().splitlines()) == rules
    sarif = json.loads((tmp_path / "r.sarif").read_text())
    assert sorted(result["ruleId"] for result in sarif["runs"][0]["results"]) == rules
    for name in ("r.csv", "r.md", "r.junit.xml", "r.html"):
        text = (tmp_path / name).read_text()
        assert all(rule in text for rule in rules), name
    assert json.loads((tmp_path / "r.cdx.json").read_text())["specVersion"] == "1.6"


def test_the_gate(bartizan: Bartizan, estate: Path, tmp_path: Path) -> None:
    assert bartizan("scan", estate, "--no-store", "--fail-on", "critical").code == 1
    clean = tmp_path / "clean"
    clean.mkdir()
    (clean / "a.txt").write_text("a")
    assert bartizan("scan", clean, "--no-store", "--fail-on", "info").code == 0
    baseline = tmp_path / "yesterday.json"
    bartizan("scan", estate, "--no-store", "--output", baseline)
    gated = bartizan("scan", estate, "--no-store", "--fail-on", "info", "--baseline", baseline, "--format", "json")
    assert gated.code == 0, gated.err
    assert gated.document["findings"], "a gate never filters"


def test_what_cannot_be_read_is_an_error_and_the_rest_goes_on(bartizan: Bartizan, estate: Path) -> None:
    (estate / "broken.zip").write_bytes(b"PK\x03\x04" + b"\0" * 40)
    ran = bartizan("scan", estate, "--no-store", "--format", "json")
    assert ran.code == 3
    assert [error["target"] for error in ran.document["errors"]] == ["broken.zip"]
    assert "models/pickle-dangerous-global" in ran.rules
    assert bartizan("scan", estate, "--no-store", "--fail-on", "critical").code == 1, "1 wins over 3"


def test_a_missing_target_beside_a_good_one(bartizan: Bartizan, estate: Path) -> None:
    ran = bartizan("scan", estate, "./missing", "--no-store", "--format", "json")
    assert ran.code == 3
    assert [error["target"] for error in ran.document["errors"]] == ["./missing"]
    assert ran.document["findings"]


def test_several_targets_stay_apart(bartizan: Bartizan, estate: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "model.pkl").write_bytes((estate / "model.pkl").read_bytes())
    ran = bartizan("scan", estate, other, "--no-store", "--only", "models", "--format", "json")
    found = [row["location"] for row in ran.document["findings"] if row["rule"] == "models/pickle-dangerous-global"]
    assert sorted((place["path"], place["target"]) for place in found) == [
        ("model.pkl", "estate"),
        ("model.pkl", "other"),
    ]


@pytest.mark.parametrize("jobs", ["2", "3"])
def test_findings_are_the_same_to_the_byte_on_more_processes(bartizan: Bartizan, tmp_path: Path, jobs: str) -> None:
    folder = tmp_path / "many"
    for number in range(900):
        place = folder / f"d{number % 30}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"m{number}.pkl").write_bytes(pickle.dumps(Canary() if number % 7 == 0 else [number]))

    def tables(*extra: str) -> str:
        document = bartizan("scan", folder, "--no-store", "--only", "models", "--format", "json", *extra).document
        return json.dumps([document[name] for name in ("assets", "relations", "findings")])

    assert tables("--jobs", jobs) == tables("--jobs", "1")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_what_was_found_before_an_interruption_is_kept(bartizan: Bartizan, tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    bad = pickle.dumps(Canary())
    for number in range(30_000):
        (folder / f"m{number:05}.pkl").write_bytes(bad)
    store = tmp_path / "store.db"
    scan = subprocess.Popen(
        [sys.executable, "-m", "bartizan", "scan", str(folder), "--only", "models", "--store", str(store), "--jobs",
         "2", "--quiet"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while _count(store) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(scan.pid, how)
    _, said = scan.communicate(timeout=30)
    found = _count(store)
    assert scan.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL), said
    assert 0 < found < 30_000
    again = bartizan("scan", folder, "--only", "models", "--store", store, "--quiet", "--format", "csv")
    assert again.code == 0, again.err
    assert _count(store) == 30_000


def _count(store: Path) -> int:
    if not store.exists():
        return 0
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        count: int = connection.execute("select count(*) from findings").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()
    return count
