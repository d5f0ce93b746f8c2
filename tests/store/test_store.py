"""What a store keeps, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bartizan.model.acceptance import Acceptance
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import StoreError
from bartizan.model.finding import Evidence, Finding
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.path import Path as Way
from bartizan.model.path import Step
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.scan import Scan, Status
from bartizan.model.severity import Confidence, Severity
from bartizan.store.store import Store, open_store

HOST = Asset(AssetKind.HOST, "h1", Location(host="10.0.0.1"))
SERVICE = Asset(
    AssetKind.AI_SERVICE, "ollama", Location(host="10.0.0.1", port=11434), {"product": "ollama", "version": "0.5.1"}
)


def finding(line: int = 1, rule: str = "secrets/openai-project", summary: str = "sk-…", path: str = "a.env") -> Finding:
    return Finding(
        rule,
        "An OpenAI key",
        Severity.HIGH,
        Confidence.FIRM,
        HOST.id,
        Location(path=path, line=line),
        (Evidence("text", summary, location=Location(path=path, line=line)),),
        frameworks=("LLM02:2025",),
    )


SEEN: list[Observation] = [
    HOST,
    SERVICE,
    Relation(RelationKind.RUNS_ON, SERVICE.id, HOST.id),
    finding(),
    Coverage(Outcome.FAILED, "a.zip", "truncated"),
    Coverage(Outcome.CHECKED, "a.env", sensor="secrets/keys"),
]


def scan(*targets: str, domains: tuple[str, ...] = ()) -> Scan:
    return Scan(version="0.1.0", targets=targets or ("/srv",), domains=domains)


def done(store: Store, seen: list[Observation], *targets: str, domains: tuple[str, ...] = ()) -> str:
    key = store.begin(scan(*targets, domains=domains))
    store.record(key, seen)
    store.finish(key, Status.DONE, {"files": 3})
    return key


def expected(seen: list[Observation]) -> Inventory:
    inventory = Inventory()
    inventory.add(seen)
    return inventory


def test_what_is_recorded_is_read_back(store: Store) -> None:
    key = done(store, SEEN)
    assert store.inventory(key) == expected(SEEN)
    assert store.inventory() == expected(SEEN)


def test_recording_again_changes_nothing_but_the_count_of_checked(store: Store) -> None:
    key = store.begin(scan())
    for _ in range(3):
        store.record(key, SEEN[:-1])
    assert store.inventory(key) == expected(SEEN[:-1])


def test_batches_of_one_scan_fold_like_one(store: Store) -> None:
    other = Asset(AssetKind.AI_SERVICE, "ollama", SERVICE.location, {"version": "unknown", "models": ["llama3"]})
    weaker = replace(finding(), severity=Severity.LOW)
    key = store.begin(scan())
    store.record(key, [SERVICE, weaker])
    store.record(key, [other, finding()])
    store.record(key, [weaker])
    assert store.inventory(key) == expected([SERVICE, other, weaker, finding()])
    assert store.inventory(key).assets[SERVICE.id].properties == {
        "product": "ollama",
        "version": "0.5.1",
        "models": ["llama3"],
    }


def test_a_later_scan_replaces_what_changed_and_the_earlier_one_stays_readable(store: Store) -> None:
    moved, newer = finding(line=7), replace(SERVICE, properties={"product": "ollama", "version": "0.4.0"})
    assert moved.id == finding().id
    first = done(store, [HOST, SERVICE, finding()])
    second = done(store, [HOST, newer, moved])
    assert store.inventory().assets[SERVICE.id] == newer
    assert store.inventory(second).findings[moved.id].location.line == 7
    assert store.inventory(first) == expected([HOST, SERVICE, finding()])


def test_first_seen_stays_and_last_seen_moves(store: Store) -> None:
    done(store, SEEN)
    first = store.seen([HOST.id, finding().id, "0" * 32])
    done(store, SEEN)
    second = store.seen([HOST.id, finding().id])
    assert set(first) == set(second) == {HOST.id, finding().id}
    for key in second:
        assert second[key].first == first[key].first < first[key].last or first[key].first == first[key].last
        assert second[key].first == first[key].first
        assert second[key].last > first[key].last


def test_what_a_later_scan_of_the_same_targets_no_longer_sees_is_gone(store: Store) -> None:
    here, there = finding(path="here"), finding(path="there")
    done(store, [HOST, here], "/a")
    done(store, [HOST, there], "/b")
    assert set(store.inventory().findings) == {here.id, there.id}
    done(store, [HOST], "/a")
    assert set(store.inventory().findings) == {there.id}


def test_a_scan_that_broke_off_adds_but_takes_nothing_away(store: Store) -> None:
    old, new = finding(path="old"), finding(path="new")
    done(store, [HOST, old])
    broken = store.begin(scan())
    store.record(broken, [HOST, new])
    assert set(store.inventory().findings) == {old.id, new.id}
    store.finish(broken, Status.INTERRUPTED)
    assert set(store.inventory().findings) == {old.id, new.id}
    done(store, [HOST])
    assert not store.inventory().findings


def test_a_scan_of_some_domains_ends_only_findings_of_these(store: Store) -> None:
    key, tool = finding(), finding(rule="mcp/tool-poisoning")
    done(store, [HOST, SERVICE, key, tool])
    done(store, [HOST], domains=("secrets",))
    assert set(store.inventory().findings) == {tool.id}
    assert set(store.inventory().assets) == {HOST.id, SERVICE.id}


def test_known_is_what_was_known_before_the_running_scan(address: str) -> None:
    with open_store(address) as store:
        done(store, [SERVICE])
    newer = replace(SERVICE, properties={"product": "ollama", "version": "0.6.0"})
    with open_store(address) as store:
        assert store.asset(SERVICE.id) == SERVICE
        key = store.begin(scan())
        for _ in range(2):
            store.record(key, [newer, HOST])
            assert store.asset(SERVICE.id) == SERVICE
            assert store.asset(HOST.id) is None
    with open_store(address) as store:
        assert store.asset(SERVICE.id) == newer
        assert store.asset("0" * 32) is None


def test_scans_are_listed_newest_first_with_how_they_ended(store: Store) -> None:
    first, second = done(store, SEEN), store.begin(scan("/other"))
    listed = store.scans()
    assert [run.id for run in listed] == [second, first]
    assert (listed[0].status, listed[0].finished, listed[0].targets) == (Status.RUNNING, None, ("/other",))
    assert (listed[1].status, listed[1].stats) == (Status.DONE, {"files": 3})
    assert listed[1].finished is not None
    assert listed[1].finished >= listed[1].started
    assert store.scan(first[:20]) == listed[1]
    with pytest.raises(StoreError, match="no scan 'zz'"):
        store.scan("zz")
    with pytest.raises(StoreError, match="more than one scan ''"):
        store.scan("")


def test_an_unknown_scan_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match="no scan 'nope' in the store"):
        store.record("nope", SEEN)
    with pytest.raises(StoreError, match="no scan 'nope'"):
        store.inventory("nope")


def test_paths_come_worst_first_and_from_the_last_word_of_a_scan(store: Store) -> None:
    low, high = (
        Way("low", 10.0, (Step(HOST.id),)),
        Way("high", 90.0, (Step(HOST.id), Step(SERVICE.id, "r", "f", "hop"))),
    )
    key = store.begin(scan())
    store.finish(key, Status.INTERRUPTED, paths=[low])
    store.finish(key, Status.DONE, paths=[low, high])
    assert store.paths(key) == store.paths() == [high, low]


def test_acceptances_are_replaced_and_withdrawn(store: Store) -> None:
    store.accept("f1", "test key", until=date(2026, 12, 31), by="ada")
    latest = store.accept("f1", "still a test key")
    store.accept("f0", "é \U0001f511", by="bob")
    assert [(kept.finding, kept.reason, kept.until, kept.by) for kept in store.acceptances()] == [
        ("f0", "é \U0001f511", None, "bob"),
        ("f1", "still a test key", None, ""),
    ]
    assert store.acceptances()[1] == latest
    assert store.withdraw("f1")
    assert not store.withdraw("f1")
    assert [kept.finding for kept in store.acceptances()] == ["f0"]


def test_an_acceptance_holds_to_the_end_of_its_day() -> None:
    accepted = Acceptance(finding="f", reason="r", until=date(2026, 12, 31))
    assert accepted.holds(date(2026, 12, 31))
    assert not accepted.holds(date(2027, 1, 1))


def test_the_same_name_elsewhere_is_another_series(store: Store) -> None:
    """`.` in one folder and `.` in another: the roots tell them apart."""
    here, there = (Scan(version="0", targets=(".",), roots=(root,)) for root in ("box:/a", "box:/b"))
    first: list[Observation] = [HOST, finding()]
    for run, seen in ((here, first), (there, first[:1])):
        store.record(store.begin(run), seen)
        store.finish(run.id, Status.DONE)
    assert set(store.inventory().findings) == {finding().id}
    assert {run.id for run in store.current()} == {here.id, there.id}


def test_the_current_scans_are_the_last_finished_of_each_series_and_what_came_after(store: Store) -> None:
    done(store, [HOST], "/a")
    whole = done(store, [HOST], "/a")
    partial = done(store, [HOST], "/a", domains=("mcp",))
    running = store.begin(scan("/a"))
    other = done(store, [HOST], "/b")
    assert [run.id for run in store.current()] == [other, running, partial, whole]


def test_things_are_found_by_the_beginning_of_their_id(address: str) -> None:
    with open_store(address) as store:
        done(store, [HOST, SERVICE, finding()])
    with open_store(address) as store:
        assert store.ids(Finding, "") == store.ids(Finding, finding().id[:4]) == [finding().id]
        assert store.ids(Asset, "") == sorted([HOST.id, SERVICE.id])
        assert store.ids(Asset, "%") == store.ids(Finding, "_") == []
        assert store.finding(finding().id) == finding()
        assert store.finding(HOST.id) is None


HOSTILE = st.text(st.characters(), max_size=8)  # NUL, lone surrogates and astral planes included


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(HOSTILE, min_size=1, max_size=4), number=st.integers(-(2**80), 2**80))
def test_any_text_comes_back_as_it_was(address: str, texts: list[str], number: int) -> None:
    seen: list[Observation] = [HOST]
    for text in texts:
        seen.append(Asset(AssetKind.PACKAGE, text, Location(path=text), {text: [text, number, None, 1.5]}))
        seen.append(finding(summary=text, path=text))
        seen.append(Coverage(Outcome.SKIPPED, text, text, text))
    with open_store(address) as store:
        key = done(store, seen, *texts)
        assert store.inventory(key) == expected(seen)
        assert all(found.id == kept for kept, found in store.inventory(key).findings.items())
        assert store.scans()[0].targets == tuple(texts)


def test_two_scans_write_at_the_same_time(address: str) -> None:
    """Two processes, the same ids in opposite order, in many small batches: nothing lost, nothing blocked."""
    open_store(address).close()
    program = textwrap.dedent("""
        import sys
        from bartizan.model.asset import Asset, AssetKind
        from bartizan.model.location import Location
        from bartizan.model.scan import Scan, Status
        from bartizan.store.store import open_store
        assets = [Asset(AssetKind.HOST, f"h{i}", Location(host=f"h{i}")) for i in range(400)]
        assets = assets[::-1] if sys.argv[2] == "b" else assets
        with open_store(sys.argv[1]) as store:
            key = store.begin(Scan(version="0", targets=(sys.argv[2],)))
            for start in range(0, 400, 10):
                store.record(key, assets[start:start + 20])
            store.finish(key, Status.DONE)
    """)
    writers = [
        subprocess.Popen([sys.executable, "-c", program, address, name], stderr=subprocess.PIPE) for name in "ab"
    ]
    for writer in writers:
        assert (writer.communicate(timeout=60)[1], writer.returncode) == (b"", 0)
    with open_store(address) as store:
        assert [len(store.inventory(run.id).assets) for run in store.scans()] == [400, 400]


def test_two_processes_may_create_the_same_store(address: str) -> None:
    program = "import sys; from bartizan.store.store import open_store; open_store(sys.argv[1]).close()"
    openers = [subprocess.Popen([sys.executable, "-c", program, address], stderr=subprocess.PIPE) for _ in range(3)]
    for opener in openers:
        assert (opener.communicate(timeout=60)[1], opener.returncode) == (b"", 0)


def test_what_a_killed_scan_recorded_is_kept(address: str) -> None:
    program = textwrap.dedent("""
        import os, signal, sys
        from bartizan.model.asset import Asset, AssetKind
        from bartizan.model.scan import Scan
        from bartizan.store.store import open_store
        store = open_store(sys.argv[1])
        key = store.begin(Scan(version="0"))
        store.record(key, [Asset(AssetKind.HOST, f"h{i}") for i in range(50)])
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    assert subprocess.run([sys.executable, "-c", program, address], check=False).returncode == -9
    with open_store(address) as store:
        assert len(store.inventory().assets) == 50
        assert store.scans()[0].status is Status.RUNNING


def test_a_batch_that_fails_leaves_nothing_behind(store: Store) -> None:
    key = store.begin(scan())

    def broken() -> object:
        yield HOST
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.record(key, broken())  # type: ignore[arg-type]
    assert not store.inventory(key).assets


def test_the_default_store_lies_in_the_data_folder_and_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with open_store() as store:
        done(store, SEEN)
        files = list((tmp_path / "data" / "bartizan").iterdir())
        assert "bartizan.db" in {file.name for file in files}
        assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
        assert (tmp_path / "data" / "bartizan").stat().st_mode & 0o777 == 0o700
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    open_store().close()
    assert os.path.exists(tmp_path / "home/.local/share/bartizan/bartizan.db")
