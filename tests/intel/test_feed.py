"""Feeds in the forms that OSV, GitHub, the NVD, CISA and FIRST publish."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bartizan.intel.advisory import Component
from bartizan.intel.feed import read_feeds
from bartizan.intel.osv import read_osv
from bartizan.intel.verdict import Answer, Release, judge
from bartizan.model.errors import SourceError
from bartizan.model.severity import Severity


def osv(identity: str = "GHSA-aaaa-bbbb-cccc", **more: Any) -> dict[str, Any]:
    events = [{"introduced": "0"}, {"fixed": "1.2.0"}, {"introduced": "2.0.0"}, {"last_affected": "2.3.0"}]
    affected = {
        "package": {"ecosystem": "npm", "name": "@scope/Thing"},
        "ranges": [{"type": "SEMVER", "events": events}],
    }
    return {"id": identity, "aliases": ["CVE-2031-0001"], "affected": [affected], "summary": "A thing", **more}


def answer(record: dict[str, Any], version: str, scheme: str = "semver") -> Answer:
    advisory = read_osv(record)
    assert advisory
    return judge(Release(version, scheme), advisory.affected).answer


def test_osv_events() -> None:
    answers = [answer(osv(), version) for version in ("1.1.9", "1.2.0", "2.0.0", "2.3.0", "2.3.1")]
    assert answers == [
        Answer.AFFECTED, Answer.NOT_AFFECTED, Answer.AFFECTED, Answer.AFFECTED, Answer.NOT_AFFECTED
    ]  # fmt: skip


def test_the_cve_number_is_the_name_and_the_rest_are_aliases() -> None:
    advisory = read_osv(osv(severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]))
    assert advisory
    assert (advisory.id, advisory.aliases, advisory.severity) == (
        "CVE-2031-0001", ("GHSA-aaaa-bbbb-cccc",), Severity.CRITICAL
    )  # fmt: skip
    assert advisory.affected[0].identity == "npm:@scope/Thing"


def test_versions_override_ranges_and_withdrawn_ones_are_left_out() -> None:
    affected = [
        {
            "package": {"ecosystem": "PyPI", "name": "Some_Thing"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            "versions": ["1.0", "1.1"],
        }
    ]
    record = osv(affected=affected)
    assert answer(record, "1.2", "pep440") is Answer.NOT_AFFECTED
    assert answer(record, "1.1.0", "pep440") is Answer.AFFECTED
    assert read_osv(osv(withdrawn="2031-01-01T00:00:00Z")) is None


def test_a_bound_beside_the_events_counts() -> None:
    affected = osv()["affected"][0]
    affected["ranges"] = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
    affected["database_specific"] = {"last_known_affected_version_range": "<= 3.0.1"}
    record = osv(affected=[affected])
    assert [answer(record, version) for version in ("3.0.1", "3.0.2")] == [Answer.AFFECTED, Answer.NOT_AFFECTED]


def test_commit_ranges_are_undecided() -> None:
    affected = osv()["affected"][0]
    affected["ranges"] = [{"type": "GIT", "events": [{"introduced": "0"}]}]
    assert answer(osv(affected=[affected]), "1.0") is Answer.UNDECIDED


def test_everything_in_one_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "npm.zip", "w") as archive:
        archive.writestr("GHSA-aaaa-bbbb-cccc.json", json.dumps(osv()))
    match = {
        "vulnerable": True,
        "criteria": "cpe:2.3:a:open-webui:open_webui:*:*:*:*:*:*:*:*",
        "versionEndExcluding": "0.6.6",
    }
    metric = {"type": "Primary", "cvssData": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N"}}
    cve = {
        "id": "CVE-2031-0002",
        "metrics": {"cvssMetricV31": [metric]},
        "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [match]}]}],
    }
    (tmp_path / "nvd.json").write_text(json.dumps({"vulnerabilities": [{"cve": cve}]}))
    kev = {"vulnerabilities": [{"cveID": "CVE-2031-0002", "dateAdded": "2031-02-03"}]}
    (tmp_path / "kev.json").write_text(json.dumps(kev))
    text = "#model_version:v1,score_date:2031-02-04T00:00:00+0000\ncve,epss,percentile\nCVE-2031-0001,0.97,0.99\n"
    (tmp_path / "epss.csv.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "notes.json").write_text("[1, 2")
    components = (Component(slug="open-webui", names=("openwebui",)),)
    haul = read_feeds([tmp_path], components)
    table = {advisory.id: advisory for advisory in haul.onto(iter(()), components)}
    assert table["CVE-2031-0001"].epss == 0.97
    assert table["CVE-2031-0001"].epss_date == "2031-02-04"
    assert table["CVE-2031-0002"].kev == "2031-02-03"
    assert table["CVE-2031-0002"].score == 5.4
    assert table["CVE-2031-0002"].affected[0].spans == (("<0.6.6",),)
    assert haul.skipped == ["notes.json"]


def test_a_damaged_archive_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK no zip")
    with pytest.raises(SourceError, match=r"x\.zip"):
        read_feeds([tmp_path / "x.zip"], ())
