"""The score, computed by hand beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence, Finding
from bartizan.model.location import Location
from bartizan.model.severity import Confidence, Severity
from bartizan.triage.risk import assess

BASE = Finding("a/b", "t", Severity.HIGH, Confidence.CERTAIN, "asset", Location(path="x"))
KEV = Evidence("text", "s", "severity: high\nknown to be exploited since 2025-01-01")


def asset(**properties: object) -> Asset:
    return Asset(AssetKind.AI_SERVICE, "s", Location(host="127.0.0.1", port=1), properties)


@pytest.mark.parametrize(
    ("severity", "confidence", "value"),
    [
        (Severity.INFO, Confidence.CERTAIN, 2.0),
        (Severity.LOW, Confidence.FIRM, 18.4),
        (Severity.MEDIUM, Confidence.TENTATIVE, 31.5),
        (Severity.HIGH, Confidence.CERTAIN, 68.0),
        (Severity.CRITICAL, Confidence.FIRM, 78.2),
    ],
)
def test_severity_times_confidence(severity: Severity, confidence: Confidence, value: float) -> None:
    assert assess(replace(BASE, severity=severity, confidence=confidence), None).value == value


@pytest.mark.parametrize(
    ("finding", "on", "value", "reasons"),
    [
        (BASE, asset(access="open"), 76.2, ("open to anybody",)),
        (BASE, asset(access="unclaimed"), 76.2, ("the first visitor becomes owner",)),
        (BASE, asset(access="token"), 68.0, ()),
        (BASE, asset(alive=True), 70.7, ("the credential works",)),
        (BASE, asset(alive="no"), 68.0, ()),
        (replace(BASE, evidence=(KEV,)), None, 78.2, ("exploited in the wild",)),
        (replace(BASE, location=Location(host="10.1.2.3")), None, 70.7, ("reachable in the network",)),
        (replace(BASE, location=Location(host="fd00::1%eth0")), None, 70.7, ("reachable in the network",)),
        (replace(BASE, location=Location(host="8.8.8.8")), None, 74.8, ("at a public address",)),
        (replace(BASE, location=Location(host="api.example.org")), None, 74.8, ("at a public name",)),
        (replace(BASE, location=Location(host="localhost")), None, 68.0, ()),
        (replace(BASE, location=Location(host="::1")), None, 68.0, ()),
        (replace(BASE, location=Location(host="gpu-3")), None, 68.0, ()),
        (replace(BASE, location=Location(host="llm.corp.internal")), None, 68.0, ()),
    ],
)
def test_what_makes_it_worse(finding: Finding, on: Asset | None, value: float, reasons: tuple[str, ...]) -> None:
    risk = assess(finding, on)
    assert (risk.value, risk.reasons) == (value, reasons)


def test_a_step_of_a_path_is_worse() -> None:
    assert assess(BASE, None, {"me"}, "me").reasons == ("a step of an attack path",)
    assert assess(BASE, None, {"you"}, "me").reasons == ()


@given(st.sampled_from(Severity), st.sampled_from(Confidence), st.booleans(), st.booleans(), st.booleans())
def test_it_stays_between_0_and_100_and_info_stays_low(
    severity: Severity, confidence: Confidence, kev: bool, is_open: bool, public: bool
) -> None:
    place = Location(host="8.8.8.8") if public else Location(path="x")
    finding = replace(BASE, severity=severity, confidence=confidence, evidence=(KEV,) if kev else (), location=place)
    value = assess(finding, asset(access="open", alive=True) if is_open else None, {"k"}, "k").value
    assert 0 < value <= 100
    assert severity is not Severity.INFO or value < 4
    assert value >= assess(replace(finding, evidence=(), location=Location()), None).value
