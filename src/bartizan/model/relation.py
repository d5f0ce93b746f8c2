"""How two assets hang together: the edges of the graph."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bartizan.model.identity import digest


class RelationKind(StrEnum):
    """Read as `source KIND target`."""

    CONTAINS = "contains"
    EXPOSES = "exposes"
    RUNS_ON = "runs-on"
    USES = "uses"
    AUTHENTICATES = "authenticates"
    LOADS = "loads"
    CALLS = "calls"
    TRUSTS = "trusts"
    DERIVES_FROM = "derives-from"


@dataclass(frozen=True, slots=True)
class Relation:
    """One directed edge between two asset ids."""

    kind: RelationKind
    source: str
    target: str

    @property
    def id(self) -> str:
        """Made of kind and both ends."""
        return digest("relation", self.kind, self.source, self.target)
