"""The ranked list, its groups and the acceptances."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

from bartizan.model.acceptance import Acceptance
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence, Finding
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.path import Path, Step
from bartizan.model.scan import Scan
from bartizan.model.severity import Confidence, Severity
from bartizan.report.result import make_result
from bartizan.triage.acceptance import sort_acceptances
from bartizan.triage.baseline import Baseline, Known
from bartizan.triage.ranking import group, rank

KEY = Asset(AssetKind.CREDENTIAL, "k", Location(path="a"), key="k")
BASE = Finding("a/b", "t", Severity.HIGH, Confidence.CERTAIN, KEY.id, Location(path="p"), (Evidence("text", "e"),))
TODAY = date(2026, 11, 24)


def at(path: str, **more: object) -> Finding:
    return replace(BASE, location=Location(path=path), **more)  # type: ignore[arg-type]


def inventory(*findings: Finding) -> Inventory:
    made = Inventory()
    made.add([KEY, *findings])
    return made


def test_the_order_does_not_depend_on_what_came_first() -> None:
    findings = [at(str(n), severity=list(Severity)[n % 5], rule=f"a/{n % 3}") for n in range(40)]
    order = [entry.id for entry in rank(inventory(*findings))]
    random.Random(1).shuffle(findings)
    assert [entry.id for entry in rank(inventory(*findings))] == order


def test_risk_first_then_rule_then_place_and_accepted_last() -> None:
    critical, early, late, accepted = (
        at("z", severity=Severity.CRITICAL),
        at("a"),
        at("b"),
        at("c", severity=Severity.CRITICAL),
    )
    seen = inventory(late, accepted, early, critical)
    standing = sort_acceptances([Acceptance(finding=accepted.id, reason="r")], seen.findings, TODAY)
    assert [entry.finding for entry in rank(seen, acceptances=standing)] == [critical, early, late, accepted]


def test_a_step_of_a_path_rises() -> None:
    first, second = at("a"), at("b")
    path = Path("way", 50.0, (Step(KEY.id, finding=second.id),))
    assert [entry.finding for entry in rank(inventory(first, second), [path])] == [second, first]


def test_one_rule_on_one_asset_is_one_group() -> None:
    findings = (at("a"), at("b"), at("c", rule="x/y"), at("d", asset="other"))
    groups = group(rank(inventory(*findings)))
    assert sorted(len(folded.members) for folded in groups) == [1, 1, 2]
    assert groups[0].first is groups[0].members[0]


def test_the_vulnerabilities_of_one_release_are_one_update() -> None:
    package = Asset(AssetKind.PACKAGE, "vllm", Location(path="r.txt"), {"version": "0.6.0"})
    fixes = ("Update vllm to 0.9.0 or later.", "Update vllm to 0.10.1 or later.", "")
    findings = [
        replace(BASE, rule=f"vuln/CVE-2025-{number}", asset=package.id, remediation=fix, title=f"CVE-2025-{number}")
        for number, fix in enumerate(fixes)
    ]
    seen = inventory(*findings)
    seen.add([package])
    (folded,) = group(rank(seen))
    assert folded.title == "3 vulnerabilities of vllm 0.6.0"
    assert folded.remediation == "Update vllm to 0.10.1 or later."
    (single,) = group(rank(seen)[:1])
    assert (single.title, single.remediation) == ("CVE-2025-0", fixes[0])


def test_acceptances_are_in_force_expired_or_unused() -> None:
    present = {"here", "old"}
    made = [
        Acceptance(finding="here", reason="r", until=TODAY),
        Acceptance(finding="old", reason="r", until=date(2026, 11, 23)),
        Acceptance(finding="gone", reason="r"),
    ]
    standing = sort_acceptances(made, present, TODAY)
    assert (dict(standing.in_force), standing.expired, standing.unused) == ({"here": made[0]}, (made[1],), (made[2],))


def test_the_gate_counts_what_is_neither_accepted_nor_known() -> None:
    new, known, accepted, low = at("a"), at("b"), at("c"), at("d", severity=Severity.LOW)
    result = make_result(
        Scan(version="0"),
        inventory(new, known, accepted, low),
        acceptances=[Acceptance(finding=accepted.id, reason="r")],
        baseline=Baseline({known.id: Known(known.id)}),
        today=TODAY,
    )
    assert [entry.finding for entry in result.gating(Severity.MEDIUM)] == [new]
    assert len(result.gating(Severity.LOW)) == 2
    assert result.gating(Severity.CRITICAL) == []
    assert result.counts()[Severity.HIGH] == 2
    assert len(result.asking()) == 2


def test_an_expired_acceptance_gates_again() -> None:
    result = make_result(
        Scan(version="0"),
        inventory(BASE),
        acceptances=[Acceptance(finding=BASE.id, reason="r", until=date(2026, 1, 1))],
        today=TODAY,
    )
    assert len(result.gating(Severity.HIGH)) == 1
