"""A way an attacker can go."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.identity import digest


@dataclass(frozen=True, slots=True)
class Step:
    """One hop: the asset reached, by which relation and which finding (ids; empty where none is needed)."""

    asset: str
    relation: str = ""
    finding: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """From where an attacker can stand to what must not fall. `risk` is 0 to 100."""

    title: str
    risk: float
    steps: tuple[Step, ...]

    @property
    def id(self) -> str:
        """Made of the hops."""
        return digest("path", *(f"{step.asset}|{step.relation}|{step.finding}" for step in self.steps))
