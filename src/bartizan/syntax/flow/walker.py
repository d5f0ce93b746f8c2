"""What every part of the follower needs of the whole: it is passed down, so that the parts need not know each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.given import Given, Table
from bartizan.syntax.flow.policy import Policy
from bartizan.syntax.flow.trail import Flow, Outcome
from bartizan.syntax.flow.value import Blueprint, Closure, Fact, Scope, Step, Value


class Walker(Protocol):
    """A program being followed. `work` counts steps; when they are `spent`, what follows is left out."""

    modules: Mapping[str, tree.Module]
    policy: Policy
    table: Table
    handlers: dict[tuple[str, int], str]
    work: int

    @property
    def spent(self) -> bool:
        """Whether the limit of work is reached."""

    def evaluate(self, scope: Scope, node: tree.Expression) -> Value:
        """What is known of an expression's value."""

    def bind(self, scope: Scope, target: tree.Expression, value: Value, line: int) -> None:
        """Give a target its value."""

    def apply(self, scope: Scope, facts: tuple[Fact, ...]) -> None:
        """Take what a check has shown into the scope."""

    def run(self, closure: Closure, names: dict[str, Value]) -> Outcome:
        """Follow a function with these parameters."""

    def attempt(self, closure: Closure, names: dict[str, Value]) -> Outcome | None:
        """Follow a handler; None when it nests too deeply."""

    def own_call(self, scope: Scope, targets: list[Closure | Blueprint], given: Given, node: tree.Call) -> Value:
        """A call of the program's own functions or classes."""

    def module_scope(self, path: str) -> Scope:
        """The names of a file."""

    def step(self, scope: Scope, line: int) -> Step | None:
        """The place on the way that a line is."""

    def report(self, flow: Flow) -> None:
        """Keep a flow."""
