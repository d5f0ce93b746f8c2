"""What a call is given, and the policy by the names of calls."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.places import last
from bartizan.syntax.flow.policy import Cleaner, Policy, Sink
from bartizan.syntax.flow.value import Value


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of one call: `keyed` by name, in order, and all of them with their expressions."""

    ordered: list[Value]
    keyed: dict[str, Value]
    pairs: list[tuple[tree.Expression, Value]]

    def at(self, which: int | str) -> Value | None:
        """The argument at a position or of a name."""
        if isinstance(which, int):
            return self.ordered[which] if which < len(self.ordered) else None
        return self.keyed.get(which)


class Table:
    """The policy, by the last part of the names of calls."""

    def __init__(self, policy: Policy) -> None:
        self.sinks: dict[str, list[tuple[str, Sink]]] = {}
        self.cleaners: dict[str, list[tuple[str, Cleaner]]] = {}
        for sink in policy.sinks:
            for name in sink.calls:
                self.sinks.setdefault(last(name), []).append((name, sink))
        for cleaner in policy.cleaners:
            for name in cleaner.calls:
                self.cleaners.setdefault(last(name), []).append((name, cleaner))
        self.carriers = frozenset(policy.carriers)
        self.wrappers = frozenset(policy.wrappers)
