"""What a report is about: one scan or the state of the store, ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bartizan.model.acceptance import Acceptance
from bartizan.model.inventory import Inventory
from bartizan.model.path import Path
from bartizan.model.rule import Rule
from bartizan.model.scan import Scan, now
from bartizan.model.severity import Severity
from bartizan.triage.acceptance import Acceptances, sort_acceptances
from bartizan.triage.baseline import Baseline, Known
from bartizan.triage.ranking import Ranked, rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The same for every format. `rules` holds what is known of the rules that found something, by id."""

    scan: Scan
    inventory: Inventory
    findings: tuple[Ranked, ...]
    paths: tuple[Path, ...] = ()
    acceptances: Acceptances = field(default_factory=Acceptances)
    fixed: tuple[Known, ...] = ()
    has_baseline: bool = False
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def gating(self, severity: Severity) -> list[Ranked]:
        """Findings that `--fail-on` counts: so severe or worse, neither accepted nor known from the baseline."""
        return [
            entry
            for entry in self.findings
            if entry.finding.severity.at_least(severity) and entry.accepted is None and entry.status != "known"
        ]

    def asking(self) -> list[Ranked]:
        """Findings that ask for action: of severity medium or worse, and not accepted."""
        return [
            entry
            for entry in self.findings
            if entry.accepted is None and entry.finding.severity.at_least(Severity.MEDIUM)
        ]

    def counts(self) -> dict[Severity, int]:
        """Number of findings of each severity, the worst first; those accepted are left out."""
        counts = dict.fromkeys(reversed(Severity), 0)
        for entry in self.findings:
            if entry.accepted is None:
                counts[entry.finding.severity] += 1
        return counts


def make_result(
    scan: Scan,
    inventory: Inventory,
    *,
    paths: Sequence[Path] = (),
    acceptances: Iterable[Acceptance] = (),
    baseline: Baseline | None = None,
    rules: Mapping[str, Rule] | None = None,
    today: date | None = None,
) -> Result:
    """Rank, compare with the baseline and sort the acceptances; `rules` may hold more than is needed."""
    sorted_out = sort_acceptances(acceptances, inventory.findings.keys(), today or now().date())
    used = {finding.rule for finding in inventory.findings.values()}
    return Result(
        scan=scan,
        inventory=inventory,
        findings=rank(inventory, paths, sorted_out, baseline),
        paths=tuple(sorted(paths, key=lambda path: (-path.risk, path.id))),
        acceptances=sorted_out,
        fixed=tuple(baseline.fixed(inventory.findings.keys())) if baseline else (),
        has_baseline=baseline is not None,
        rules={key: rule for key, rule in (rules or {}).items() if key in used},
    )
