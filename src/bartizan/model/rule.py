"""What every rule says of itself, whatever its domain matches on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bartizan.model.finding import Evidence, Finding
from bartizan.model.location import Location
from bartizan.model.severity import Confidence, Severity


class Lifecycle(StrEnum):
    """Where a rule is in its life: previews are reported as tentative, removed ones only explain old findings."""

    PREVIEW = "preview"
    STABLE = "stable"
    DEPRECATED = "deprecated"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong.

    `id` is a slug `domain/bad-thing`. `why` says what an attacker gains, in a sentence or two; `fix` the way out.
    `frameworks` are ids of `packs/frameworks` (`LLM03:2025`, `ASI04`, `MCP05:2025`, `AML.T0010`, `CWE-502`).
    `since` is the version that brought the rule. `yields_to` lists rules, or whole domains, that say the same thing
    better: where one of them has a finding on the same line (or port), this rule's is left out.
    """

    id: str
    title: str
    severity: Severity
    why: str
    fix: str
    since: str = "0.1.0"
    status: Lifecycle = Lifecycle.STABLE
    confidence: Confidence = Confidence.FIRM
    frameworks: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """The part before the slash."""
        return self.id.partition("/")[0]

    def finding(
        self,
        asset: str,
        location: Location,
        *evidence: Evidence,
        title: str = "",
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        remediation: str = "",
        proof: str = "",
    ) -> Finding:
        """A finding of this rule on the asset with that id; what is not given is taken from the rule."""
        return Finding(
            rule=self.id,
            title=title or self.title,
            severity=severity or self.severity,
            confidence=confidence or self.confidence,
            asset=asset,
            location=location,
            evidence=evidence,
            frameworks=self.frameworks,
            references=self.references,
            remediation=remediation or self.fix,
            proof=proof,
        )
