"""`bartizan intel`, as a person meets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bartizan.intel.advisory import Advisory, Affected
from bartizan.intel.signature import new_key, public_key
from bartizan.intel.snapshot import write_snapshot


def test_status_says_what_is_in_force(bartizan: Callable[..., Any]) -> None:
    ran = bartizan("intel", "status", "--format", "json", "--verify")
    facts = json.loads(ran.out)
    assert ran.code == 0
    assert facts["advisories"] > 2000
    assert facts["schema"] == "bartizan-intel/1"
    assert {feed["name"] for feed in facts["feeds"]} >= {"pypa", "bartizan"}


def test_nothing_is_fetched_unless_a_place_is_named(bartizan: Callable[..., Any], tmp_path: Path) -> None:
    ran = bartizan("intel", "update", XDG_CONFIG_HOME=str(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("bartizan: no mirror is configured")


def test_a_signed_folder_is_taken_and_said(bartizan: Callable[..., Any], tmp_path: Path) -> None:
    private = new_key()
    homes = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path / "data")}
    records = [Advisory(id="CVE-2031-1", affected=(Affected(identity="pypi:thing", spans=(("<2",),)),))]
    write_snapshot(tmp_path / "m", records, [], [], created="2031-01-01T00:00:00+00:00", private=private)
    assert bartizan("intel", "update", tmp_path / "m", **homes).code == 3
    (tmp_path / "config" / "bartizan").mkdir(parents=True)
    (tmp_path / "config" / "bartizan" / "intel.yaml").write_text(f"keys: ['{public_key(private)}']\n")
    ran = bartizan("intel", "update", tmp_path / "m", **homes)
    assert ran.code == 0
    assert "added 1: CVE-2031-1" in ran.out
    assert "1 advisories" in bartizan("intel", "status", **homes).out
