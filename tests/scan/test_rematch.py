"""Yesterday's assets against today's advisories."""

from __future__ import annotations

from pathlib import Path

import pytest

from bartizan.intel.advisory import Advisory, Affected
from bartizan.intel.shelf import user_shelf
from bartizan.intel.signature import new_key, public_key
from bartizan.intel.snapshot import write_snapshot
from bartizan.intel.update import update
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence
from bartizan.model.location import Location
from bartizan.model.scan import Scan, Status
from bartizan.rules.library import Library
from bartizan.scan.rematch import rematch
from bartizan.store.store import open_store


def test_a_new_advisory_touches_what_was_scanned_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    private, library = new_key(), Library()
    (tmp_path / "config" / "bartizan").mkdir(parents=True)
    (tmp_path / "config" / "bartizan" / "intel.yaml").write_text(f"keys: ['{public_key(private)}']\n")
    asset = Asset(AssetKind.PACKAGE, "thing", Location(path="uv.lock", line=4), {"purl": "pkg:pypi/thing@1.0"}, "thing")
    other = library.rules("packages")["packages/unpinned"].finding(asset.id, asset.location, Evidence("text", "x"))
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        scan = Scan(version="0", targets=("repo",))
        store.begin(scan)
        store.record(scan.id, [asset, other])
        store.finish(scan.id, Status.DONE)
        assert rematch(store, library).appeared == ()

        records = [Advisory(id="CVE-2031-1", affected=(Affected(identity="pypi:thing", spans=(("<2",),)),))]
        write_snapshot(tmp_path / "m", records, [], [], created="2031-01-01T00:00:00+00:00", private=private)
        update(user_shelf(), [str(tmp_path / "m")])
        done = rematch(store, library)
        assert [finding.rule for finding in done.appeared] == ["vuln/CVE-2031-1"]
        assert {finding.rule for finding in store.inventory().findings.values()} == {
            "vuln/CVE-2031-1", "packages/unpinned"
        }  # fmt: skip

        write_snapshot(tmp_path / "n", [], [], [], created="2032-01-01T00:00:00+00:00", private=private)
        update(user_shelf(), [str(tmp_path / "n")])
        assert [finding.rule for finding in rematch(store, library).gone] == ["vuln/CVE-2031-1"]
        assert {finding.rule for finding in store.inventory().findings.values()} == {"packages/unpinned"}
