"""How urgent a finding is: a number from 0 to 100 that can be computed by hand.

::

    risk = severity x confidence x (1 + sum of what makes it worse), at most 100, one decimal

    severity      info 2, low 20, medium 45, high 68, critical 85
    confidence    certain 1.0, firm 0.92, tentative 0.7
    worse by      0.15  exploitation in the wild is known (the KEV catalogue of CISA)
                  0.12  anybody may use the asset (`access` is open or unclaimed)
                  0.10  it stands at a public address, or 0.04 at one of a private network
                  0.10  it is a step of an attack path
                  0.04  the credential is alive with its provider

The figures are ours. They keep the order of severities among equally sure findings, but let an open and exploited
`high` pass a `critical` that nobody can reach; a tentative finding ranks about where a certain one of the severity
below does, and one of severity info never exceeds 4.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass

from bartizan.model.asset import Asset
from bartizan.model.finding import Finding
from bartizan.model.severity import Confidence, Severity

SEVERITY = {
    Severity.INFO: 2.0,
    Severity.LOW: 20.0,
    Severity.MEDIUM: 45.0,
    Severity.HIGH: 68.0,
    Severity.CRITICAL: 85.0,
}
CONFIDENCE = {Confidence.CERTAIN: 1.0, Confidence.FIRM: 0.92, Confidence.TENTATIVE: 0.7}
EXPLOITED, OPEN, PUBLIC, PRIVATE, ON_PATH, ALIVE = 0.15, 0.12, 0.10, 0.04, 0.10, 0.04


@dataclass(frozen=True, slots=True)
class Risk:
    """The number, and in words what made it more than its severity."""

    value: float
    reasons: tuple[str, ...] = ()


def assess(finding: Finding, asset: Asset | None, on_paths: Collection[str] = (), key: str = "") -> Risk:
    """Score one finding; `on_paths` holds ids of findings that are steps of attack paths, `key` is its own id."""
    worse: list[tuple[float, str]] = []
    if any("known to be exploited" in piece.detail for piece in finding.evidence):
        worse.append((EXPLOITED, "exploited in the wild"))
    properties = asset.properties if asset else {}
    if properties.get("access") in ("open", "unclaimed"):
        worse.append((OPEN, "open to anybody" if properties["access"] == "open" else "the first visitor becomes owner"))
    worse.extend(_reach(finding.location.host or (asset.location.host if asset else None)))
    if key in on_paths:
        worse.append((ON_PATH, "a step of an attack path"))
    if properties.get("alive") is True:
        worse.append((ALIVE, "the credential works"))
    value = SEVERITY[finding.severity] * CONFIDENCE[finding.confidence] * (1 + sum(share for share, _ in worse))
    return Risk(round(min(value, 100.0), 1), tuple(reason for _, reason in worse))


def _reach(host: str | None) -> list[tuple[float, str]]:
    """Where the address can be reached from; a name counts as public, except one that says it is local."""
    if not host:
        return []
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        local = host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))
        return [] if local or "." not in host else [(PUBLIC, "at a public name")]
    if address.is_loopback:
        return []
    return [(PUBLIC, "at a public address")] if address.is_global else [(PRIVATE, "reachable in the network")]
