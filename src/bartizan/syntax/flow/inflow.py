"""Where what is followed beside the gifts of strangers enters: the environment, a caller's token, the network."""

from __future__ import annotations

from dataclasses import replace

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.given import Given
from bartizan.syntax.flow.places import fitting, last, written
from bartizan.syntax.flow.value import STRANGE, Scope, Taint, Value
from bartizan.syntax.flow.walker import Walker
from bartizan.syntax.pattern import compiled

WHOLE = "whole"
"""The mark of a source as a whole, of which only some parts count."""
ASKING = ("get", "getenv", "pop", "header", "getlist", "get_header")


def entered(
    follower: Walker, scope: Scope, node: tree.Expression, value: Value, name: str, given: Given | None = None
) -> Value:
    """The value of a name, member or call, as what enters there when it is a source."""
    if value.taints:
        return value
    for each in (name, written(scope, node)):
        for known, source in follower.table.sources.get(last(each), ()):
            if not fitting(known, each):
                continue
            if source.receivers and not compiled(source.receivers).search(each.rpartition(".")[0]):
                continue
            if source.argument and not _asked(source.argument, given):
                continue
            return _flowing(follower, scope, node, value, each, whole=not source.argument)
    return value


def _asked(pattern: str, given: Given | None) -> bool:
    first = given.ordered[0].const if given is not None and given.ordered else None
    return isinstance(first, str) and bool(compiled(pattern).search(first))


def _flowing(follower: Walker, scope: Scope, node: tree.Expression, value: Value, name: str, *, whole: bool) -> Value:
    step = follower.step(scope, node.line)
    if step is None:
        return value
    marks = frozenset({WHOLE}) if whole and follower.policy.parts else frozenset[str]()
    taint = Taint(f"{step.file}:{step.line}:{last(name)}", (step,), marks=marks, followed=True)
    return replace(value, taints=(taint,), form=STRANGE)


def part(follower: Walker, holder: Value, key: object) -> Value:
    """A part of a source as a whole: what is asked for by a name that counts, nothing by another."""
    if not isinstance(key, str):
        return holder.plain()
    if not compiled(follower.policy.parts).search(key):
        return Value()
    taints = tuple(replace(each, marks=each.marks - {WHOLE}) for each in holder.taints)
    return Value(taints, STRANGE)
