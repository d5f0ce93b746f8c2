"""The one ranked list: what to fix first, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bartizan.model.acceptance import Acceptance
from bartizan.model.asset import Asset
from bartizan.model.finding import Finding
from bartizan.model.inventory import Inventory
from bartizan.model.path import Path
from bartizan.triage.acceptance import Acceptances
from bartizan.triage.baseline import Baseline
from bartizan.triage.risk import Risk, assess

_UPDATE = "vuln"
"""The domain whose findings on one asset are all fixed by one update."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A finding in its place of the list. `status` is `new` or `known` against a baseline, empty without one."""

    id: str
    finding: Finding
    asset: Asset | None
    risk: Risk
    status: str = ""
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Findings that one piece of work fixes: the same rule on the same asset, or all vulnerabilities of one release.

    The worst comes first.
    """

    members: tuple[Ranked, ...]

    @property
    def first(self) -> Ranked:
        """The one that stands for all."""
        return self.members[0]

    @property
    def title(self) -> str:
        """What it is about, with the number where it is more than one rule."""
        rules = {entry.finding.rule for entry in self.members}
        if len(rules) == 1 or self.first.asset is None:
            return self.first.finding.title
        version = self.first.asset.properties.get("version")
        return f"{len(rules)} vulnerabilities of {self.first.asset.name}{f' {version}' if version else ''}"

    @property
    def remediation(self) -> str:
        """What to do: of several updates the one to the highest version."""
        if len({entry.finding.rule for entry in self.members}) == 1:
            return self.first.finding.remediation
        return max((entry.finding.remediation for entry in self.members), key=_numbers)


def _numbers(text: str) -> tuple[list[int], str]:
    """Texts that differ only in a version are ordered by it."""
    return [int(digits) for digits in re.findall(r"\d{1,18}", text)], text


def rank(
    inventory: Inventory,
    paths: Sequence[Path] = (),
    acceptances: Acceptances | None = None,
    baseline: Baseline | None = None,
) -> tuple[Ranked, ...]:
    """Every finding, the most urgent first; those accepted come last. Ties go by rule, place and id."""
    on_paths = {step.finding for path in paths for step in path.steps}
    accepted = acceptances.in_force if acceptances else {}
    ranked = [
        Ranked(
            key,
            finding,
            asset := inventory.assets.get(finding.asset),
            assess(finding, asset, on_paths, key),
            baseline.status(key) if baseline else "",
            accepted.get(key),
        )
        for key, finding in inventory.findings.items()
    ]
    return tuple(sorted(ranked, key=_order))


def _order(entry: Ranked) -> tuple[object, ...]:
    finding = entry.finding
    urgency = (entry.accepted is not None, -entry.risk.value, -finding.severity.rank)
    return (*urgency, finding.rule, finding.location.sort_key(), entry.id)


def group(ranked: Iterable[Ranked]) -> list[Group]:
    """Fold what one piece of work fixes, in the order of the first member."""
    groups: dict[tuple[str, str], list[Ranked]] = {}
    for entry in ranked:
        domain = entry.finding.rule.partition("/")[0]
        action = _UPDATE if domain == _UPDATE else entry.finding.rule
        groups.setdefault((action, entry.finding.asset), []).append(entry)
    return [Group(tuple(members)) for members in groups.values()]
