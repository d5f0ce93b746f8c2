"""Holds the stored inventory against the intelligence in force, without looking at any target again."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan import __version__
from bartizan.correlate.vulnerabilities import match_vulnerabilities
from bartizan.model.coverage import Coverage
from bartizan.model.finding import Finding
from bartizan.model.observation import Observation
from bartizan.model.scan import Scan, Status
from bartizan.rules.library import Library
from bartizan.store.store import Store

DOMAIN = "vuln"


@dataclass(frozen=True, slots=True)
class Rematch:
    """What the new state of knowledge changes: vulnerabilities that appeared, and those that are gone."""

    appeared: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    gaps: tuple[Coverage, ...] = ()


def rematch(store: Store, library: Library) -> Rematch:
    """Match what the last scan of each group of targets saw, and record the answer as a scan of this domain alone.

    Findings of other domains stay as they are. Raises StoreError.
    """
    before = _vulnerabilities(store)
    gaps: list[Coverage] = []
    for scan in _last_of_each_series(store):
        inventory = store.inventory(scan.id)
        seen: list[Observation] = list(match_vulnerabilities(inventory, store, library))
        gaps += [item for item in seen if isinstance(item, Coverage)]
        findings = [item for item in seen if isinstance(item, Finding)]
        concerned = [inventory.assets[key] for key in sorted({finding.asset for finding in findings})]
        again = Scan(version=__version__, targets=scan.targets, roots=scan.roots, domains=(DOMAIN,), scope=scan.scope)
        store.begin(again)
        store.record(again.id, [*concerned, *findings])
        store.finish(again.id, Status.DONE, {"findings": len(findings)})
    after = _vulnerabilities(store)
    return Rematch(
        tuple(after[key] for key in sorted(after.keys() - before.keys())),
        tuple(before[key] for key in sorted(before.keys() - after.keys())),
        tuple(gaps),
    )


def _vulnerabilities(store: Store) -> dict[str, Finding]:
    findings = store.inventory().findings
    return {key: finding for key, finding in findings.items() if finding.rule.partition("/")[0] == DOMAIN}


def _last_of_each_series(store: Store) -> list[Scan]:
    """The newest finished scan of everything, or failing that the newest one that looked for more than this domain."""
    chosen: dict[str, Scan] = {}
    for scan in store.scans():
        known = chosen.get(scan.series)
        whole = scan.status is Status.DONE and not scan.domains
        if scan.domains != (DOMAIN,) and (known is None or (whole and known.domains)):
            chosen[scan.series] = scan
    return list(chosen.values())
