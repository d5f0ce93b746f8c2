"""What a function gives back and shows, joined over its ways out."""

from __future__ import annotations

import re
from dataclasses import replace

from bartizan.syntax.flow.checks import AT
from bartizan.syntax.flow.trail import Outcome, Way
from bartizan.syntax.flow.value import MISSING, PROVEN, Fact, Scope, Value, common, joined
from bartizan.syntax.flow.walker import Walker

_TOLD = {"nodots", "noabs", "noslash", "prefixed", "readonly"}
Shown = dict[str, tuple[frozenset[str], frozenset[str]]]
"""Kinds and marks by place."""


def outcome(follower: Walker, returns: list[Way], parameters: list[str]) -> Outcome:
    """Join the ways out of a function. Where the others give a checked value, one that only a setting opens (an
    unrestricted mode) does not count: its owner chose it.
    """
    if not returns:
        return Outcome(Value())
    firm = [way for way in returns if not way.optional]
    if any(taint.clean for way in firm for taint in way.value.taints):
        returns = firm
    value = joined([way.value for way in returns])
    always, true, false = [], [], []
    for way in returns:
        each, scope = way.value, way.scope
        always.append(_shown(scope, parameters))
        if each.const is MISSING or each.const:
            true.append((way.optional, _shown(_after(follower, scope, each.yes), parameters)))
        if each.const is MISSING or not each.const:
            false.append((way.optional, _shown(_after(follower, scope, each.no), parameters)))
    yes, no = _everywhere(_firm(true)), _everywhere(_firm(false))
    return Outcome(replace(value, yes=(), no=(), birth=""), _everywhere(always), yes, no)


def _firm(ways: list[tuple[bool, Shown]]) -> list[Shown]:
    """Ways that no setting opens, where each of them shows something; else all."""
    firm = [shown for optional, shown in ways if not optional]
    return firm if firm and all(firm) else [shown for _, shown in ways]


def _after(follower: Walker, scope: Scope, facts: tuple[Fact, ...]) -> Scope:
    if not facts:
        return scope
    copy = Scope(dict(scope.names), scope.parent, scope.module)
    follower.apply(copy, facts)
    return copy


def _shown(scope: Scope, parameters: list[str]) -> Shown:
    """Kinds and marks that one way out has shown of parameters, of what the function only sees, and of origins."""
    shown = {}
    for name, value in scope.names.items():
        root = re.split(r"[.\[]", name, maxsplit=1)[0]
        seen = name.startswith(PROVEN) or (
            root not in parameters and scope.parent is not None and scope.parent.find(root) is not None
        )
        if value.taints and (seen or (root in parameters and (value.birth == name or root != name))):
            kinds = value.taints[0].clean
            for taint in value.taints[1:]:
                kinds = common(kinds, taint.clean)
            marks = frozenset(each for each in value.marks if each in _TOLD or each.startswith(AT))
            if kinds or marks:
                shown[name] = (kinds, marks)
    return shown


def _everywhere(ways: list[Shown]) -> tuple[Fact, ...]:
    """What every way out has shown, as facts."""
    facts = []
    for name in ways[0] if ways else ():
        if all(name in way for way in ways):
            kinds, marks = ways[0][name]
            for way in ways[1:]:
                kinds, marks = common(kinds, way[name][0]), marks & way[name][1]
            if (kinds or marks) and name.startswith(PROVEN):
                facts.append(Fact(kinds=kinds, marks=marks, origins=frozenset({name.removeprefix(PROVEN)})))
            elif kinds or marks:
                facts.append(Fact(name, kinds, marks))
    return tuple(facts)
