"""What the readers of single formats hand to the sensor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from bartizan.model.severity import Confidence, Severity
from bartizan.sensors.models.pickles.names import Standing

_SUMMARY = 1200


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

    def joined(self, other: Issue) -> Issue:
        """Two of one rule at one place are one weakness: the worse stands and names the other."""
        worse, less = (other, self) if other._rank() > self._rank() else (self, other)
        also = f"; also {less.summary}" if less.summary not in worse.summary and len(worse.summary) < _SUMMARY else ""
        proofs = sorted({*self.proof.split("|"), *other.proof.split("|")})
        return replace(worse, summary=worse.summary + also, proof="|".join(proofs)[:2000])

    def _rank(self) -> int:
        return self.severity.rank if self.severity else Severity.HIGH.rank


def fold(issues: Iterable[Issue]) -> list[Issue]:
    """One issue for each rule and place, in the order first met."""
    folded: dict[tuple[str, str, int | None], Issue] = {}
    for issue in issues:
        key = (issue.rule, issue.member, issue.line)
        folded[key] = folded[key].joined(issue) if key in folded else issue
    return list(folded.values())


def structure_digest(rows: Iterable[str]) -> str:
    """One digest of a table of tensors, whatever its order: equal structures have equal digests."""
    return sha256("\n".join(sorted(rows)).encode("utf-8", "replace")).hexdigest()


def text_digest(text: str) -> str:
    """The digest of a text."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()


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
