"""What the code domain matches on: how a stranger's value reaches a place where it acts."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.rule import Rule
from bartizan.model.severity import Severity
from bartizan.syntax.flow.policy import Policy, Track
from bartizan.syntax.pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRule(Rule):
    """A flow into sinks of `kind`. `whole` is the severity when the value itself is the statement, address or the like,
    as in tools that are made to take one; `weakened` the severity by marks of half-sufficient checks.
    """

    kind: str
    whole: Severity | None = None
    weakened: dict[str, Severity] | None = None
    needs: Pattern = ""
    unless: Pattern = ""
    contained: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSheet:
    """One file of `packs/code`: rules, or the policy of a language.

    `tracks` are what else is followed through programs of the language, `markers` are
    what the bytes of a file must hold for a server of the protocol to be in it.
    """

    rules: tuple[FlowRule, ...] = ()
    language: str = ""
    suffixes: tuple[str, ...] = ()
    markers: Pattern = ""
    policy: Policy | None = None
    tracks: tuple[Track, ...] = ()
