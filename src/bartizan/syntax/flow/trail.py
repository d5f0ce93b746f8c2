"""What following a program leaves: flows, ways out of functions, and what they show."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.syntax.flow.value import Fact, Scope, Taint, Value


@dataclass(frozen=True, slots=True)
class Flow:
    """A stranger's value at a sink. `how` is `whole` when the value itself is what acts, else `part`."""

    kind: str
    file: str
    line: int
    call: str
    taint: Taint
    how: str
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a function. `optional` when a setting of the program's owner decides whether it is taken."""

    value: Value
    scope: Scope
    optional: bool = False


@dataclass(slots=True, eq=False)
class Frame:
    """One function being followed."""

    returns: list[Way] = field(default_factory=list)
    depth: int = 0
    settings: int = 0
    """How many branches deep whose test no stranger's value enters."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function gives back, and what has been shown of its parameters: in any case, and by its answer."""

    value: Value
    after: tuple[Fact, ...] = ()
    yes: tuple[Fact, ...] = ()
    no: tuple[Fact, ...] = ()
