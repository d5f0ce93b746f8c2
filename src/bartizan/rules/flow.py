"""Which abilities must not come together in one client."""

from __future__ import annotations

from collections.abc import Collection
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
class Joining:
    """How lists of tools find the configured servers that they are of. `filler` are words that say nothing in a name,
    `settings_folders` hold programs' settings beside those whose name begins with a dot; `deepest` is how many levels
    below its configuration's folder a list may lie.
    """

    filler: tuple[str, ...]
    settings_folders: tuple[str, ...]
    deepest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What a server can be expected to do whose package is named after one of these products or things."""

    words: tuple[str, ...]
    abilities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trades:
    """All of them, and the words beside which they say nothing."""

    known: tuple[Trade, ...]
    unless: tuple[str, ...]

    def expected(self, words: Collection[str]) -> frozenset[str]:
        """The abilities that a name of such words speaks of."""
        if not words or not frozenset(self.unless).isdisjoint(words):
            return frozenset()
        meant = (trade for trade in self.known if not frozenset(trade.words).isdisjoint(words))
        return frozenset(ability for trade in meant for ability in trade.abilities)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """All of them."""

    narrowed: tuple[Narrowed, ...]
    combinations: tuple[Combination, ...]
    joining: Joining
    trades: Trades
