"""Which abilities must not come together in one client."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.severity import Severity
from bartizan.syntax.pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """A pattern of a launch that takes abilities from its server."""

    pattern: Pattern
    takes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Abilities that make a way together. `alone` is how bad it is within one server; with `unless`, other
    combinations make this one not worth saying.
    """

    id: str
    needs: tuple[str, ...]
    severity: Severity
    alone: Severity
    says: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """All of them."""

    narrowed: tuple[Narrowed, ...]
    combinations: tuple[Combination, ...]
