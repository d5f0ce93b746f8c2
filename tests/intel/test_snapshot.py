"""A snapshot is believed only whole and signed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bartizan.intel.advisory import Advisory, Affected
from bartizan.intel.build import FACTS
from bartizan.intel.facts import read_facts
from bartizan.intel.shelf import built_in
from bartizan.intel.signature import new_key, public_key
from bartizan.intel.snapshot import MANIFEST, SIGNATURE, open_snapshot, write_snapshot
from bartizan.model.errors import SourceError


def advisories(count: int) -> list[Advisory]:
    return [
        Advisory(id=f"CVE-2030-{number:05}", affected=(Affected(identity=f"pypi:p{number % 97}", spans=(("<1",),)),))
        for number in range(count)
    ]


def written(folder: Path, count: int = 3) -> tuple[str, bytes]:
    private = new_key()
    write_snapshot(folder, advisories(count), [], [], created="2030-01-01T00:00:00+00:00", private=private)
    return public_key(private), private


def test_the_one_in_the_product_is_whole_and_made_of_the_facts() -> None:
    snapshot = built_in()
    snapshot.verify()
    facts, components = read_facts(FACTS)
    assert {advisory.id: advisory for advisory in snapshot.advisories()} == {
        advisory.id: advisory for advisory in facts
    }
    assert list(snapshot.manifest.components) == components


def test_many_records_are_found_by_their_package(tmp_path: Path) -> None:
    key, _ = written(tmp_path, 9_000)
    snapshot = open_snapshot(tmp_path, [key])
    snapshot.verify()
    assert len(snapshot.manifest.shards) > 1
    assert len(snapshot.concerning("pypi:p5")) == len(range(5, 9_000, 97))
    assert snapshot.concerning("pypi:unheard-of") == []


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    private = new_key()
    for name, records in (("a", advisories(50)), ("b", advisories(50)[::-1])):
        write_snapshot(tmp_path / name, records, [], [], created="2030-01-01T00:00:00+00:00", private=private)
    assert (tmp_path / "a" / MANIFEST).read_bytes() == (tmp_path / "b" / MANIFEST).read_bytes()


def test_another_key_is_not_believed(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(SourceError, match="not signed"):
        open_snapshot(tmp_path, [public_key(new_key())])


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE, "content"])
def test_one_changed_byte_is_seen(tmp_path: Path, name: str) -> None:
    key, _ = written(tmp_path)
    path = next(tmp_path.glob("*.zst")) if name == "content" else tmp_path / name
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(SourceError):
        open_snapshot(tmp_path, [key]).verify()


def test_an_absent_one_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no snapshot"):
        open_snapshot(tmp_path / "nowhere", [])
