"""What the readers of single formats hand to the sensor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bartizan.model.severity import Confidence, Severity
from bartizan.sensors.models.pickles.names import Standing


@dataclass(frozen=True, slots=True)
class Issue:
    """One weakness of an artefact, before it becomes a finding of the rule `models/<rule>`.

    `member` is the way inside the artefact (levels joined with `!`), `offset` counts in that member's bytes.
    `severity` and `confidence` stand only where the evidence says other than the rule. `proof` is what tells it
    from others of its rule at its place.
    """

    rule: str
    summary: str
    detail: str = ""
    kind: str = "text"
    member: str = ""
    offset: int | None = None
    line: int | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    remedy: str = ""
    proof: str = ""


@dataclass(slots=True)
class Reading:
    """What a reader learnt of one artefact. `gaps` says what it could not look at, and why."""

    format: str
    framework: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    standing: Standing = Standing.ALLOW

    def add(self, *issues: Issue) -> None:
        """Take issues in."""
        self.issues.extend(issues)

    def worsen(self, standing: Standing) -> None:
        """Raise the verdict, never lower it."""
        order = (Standing.ALLOW, Standing.UNKNOWN, Standing.REVIEW, Standing.DENY)
        self.standing = max(self.standing, standing, key=order.index)
