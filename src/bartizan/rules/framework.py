"""Lists that rules refer to: OWASP, MITRE ATLAS and their like."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a list; `tactics` are ids of the same list."""

    id: str
    title: str
    tactics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One published list with its edition."""

    name: str
    title: str
    edition: str
    url: str
    entries: tuple[Entry, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """A framework only carries facts."""
        return ()
