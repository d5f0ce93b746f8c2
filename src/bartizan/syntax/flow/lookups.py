"""Values looked up in the catalogue of a database: one that it knows is the name of one of its own tables."""

from __future__ import annotations

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.given import Given
from bartizan.syntax.flow.places import last, place_of
from bartizan.syntax.flow.value import PROVEN, Fact, Scope, Value
from bartizan.syntax.flow.walker import Walker
from bartizan.syntax.pattern import compiled

SQL = frozenset({"sql"})
_ASKED = PROVEN + "asked"
"""In a scope: what the last look-up through a cursor shows when it has found something."""
_ANSWERS = ("fetchone", "fetchall", "fetchval", "first", "scalar", "scalar_one_or_none", "one_or_none")


def looked_up(follower: Walker, scope: Scope, node: tree.Call, name: str, holder: Value, given: Given) -> Value | None:
    """A constant statement about tables that is given strange values, or the answer to the one before."""
    if last(name) in _ANSWERS and not given.pairs:
        asked = scope.names.get(_ASKED)
        return Value(yes=asked.yes, name="row()") if asked is not None and asked.yes else None
    statement = given.ordered[0].const if given.ordered else None
    values = given.pairs[1:]
    if not isinstance(statement, str) and isinstance(holder.node, tree.Call) and holder.node.arguments:
        prepared = holder.node.arguments[0].value
        statement, values = prepared.value if isinstance(prepared, tree.Constant) else None, given.pairs
    pattern = follower.policy.catalogues
    if not pattern or not isinstance(statement, str) or not compiled(pattern).search(statement):
        return None
    places = [place for each, value in values if value.taints for place in _places(each)]
    facts = tuple(Fact(place, SQL) for place in places)
    if not facts:
        return None
    found = Value(yes=facts, name="row()")
    scope.names[_ASKED] = found
    return found


def _places(node: tree.Expression) -> list[str]:
    """The places of a value, or of those in a list or mapping."""
    if isinstance(node, tree.Items):
        return [place for _, part, _ in node.entries for place in _places(part)]
    place = place_of(node)
    return [place] if place else []
