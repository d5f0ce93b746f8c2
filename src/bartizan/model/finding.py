"""What is wrong with an asset, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.model.identity import digest
from bartizan.model.location import Location
from bartizan.model.severity import Confidence, Severity


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of proof, already redacted: never a secret's value.

    `kind` says what `detail` is: `text`, `exchange` (request and response), `disassembly`, `path` (a flow),
    `diff`. `summary` is one line that can stand alone.
    """

    kind: str
    summary: str
    detail: str = ""
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness at one place.

    `title`, `severity`, `confidence`, `frameworks`, `references` and `remediation` come from the rule unless the
    evidence says better. `proof` is what tells this finding from others of its rule at its place (default: the
    evidence summaries); `ordinal` tells apart what is equal even then, and is set by the pipeline.
    """

    rule: str
    title: str
    severity: Severity
    confidence: Confidence
    asset: str
    location: Location
    evidence: tuple[Evidence, ...] = ()
    frameworks: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    remediation: str = ""
    proof: str = ""
    ordinal: int = 0
    risk: float = field(default=0.0, compare=False)

    @property
    def id(self) -> str:
        """Made of rule, place and proof; neither line, time, user nor absolute path enters."""
        proof = self.proof or digest(*(piece.summary for piece in self.evidence))
        return digest("finding", self.rule, *self.location.place(), proof, str(self.ordinal))

    def merged(self, other: Finding) -> Finding:
        """The stronger of two views of the same finding; the order of the two does not matter."""
        return max(self, other, key=Finding._strength)

    def _strength(self) -> tuple[object, ...]:
        pieces = tuple((piece.kind, piece.summary, piece.detail) for piece in self.evidence)
        return (self.severity.rank, self.confidence.rank, self.location.sort_key(), self.title, pieces, self.asset)
