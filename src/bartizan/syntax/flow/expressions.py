"""Values of expressions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bartizan.syntax.flow import calls, checks, parts, tree
from bartizan.syntax.flow.places import place_of
from bartizan.syntax.flow.value import (
    MISSING,
    STRANGE,
    Closure,
    Scope,
    Value,
    constant,
    joined,
    text_of,
)
from bartizan.syntax.flow.walker import Walker

_SEPARATORS = ("os.sep", "os.path.sep", "path.sep", "path.posix.sep", "path.default.sep")
_UNCHANGING = ("strip", "trim", "lower", "upper", "toLowerCase", "toUpperCase", "toString", "lstrip", "rstrip")


def evaluate(follower: Walker, scope: Scope, node: tree.Expression) -> Value:
    """What is known of an expression's value; sinks inside are reported on the way."""
    follower.work += 1
    if follower.spent:
        return Value()
    match node:
        case tree.Name():
            return scope.find(node.id) or Value(name=node.id)
        case tree.Constant():
            return constant(node.value)
        case tree.Member():
            return parts.member(follower, scope, node)
        case tree.Call():
            return calls.call(follower, scope, node)
        case tree.Text():
            return text_of(evaluate(follower, scope, part) for part in node.parts)
        case tree.Index():
            return _index(follower, scope, node)
        case tree.Compare():
            return checks.compare(follower, scope, node)
        case tree.Logic():
            return _logic(follower, scope, node)
        case tree.Function():
            return Value(targets=(Closure(node, scope),))
    return _composed(follower, scope, node)


def _composed(follower: Walker, scope: Scope, node: tree.Expression) -> Value:
    match node:
        case tree.Choice():
            return _choice(follower, scope, node)
        case tree.Items():
            return _items(follower, scope, node)
        case tree.Each():
            return _each(follower, scope, node)
        case tree.Walrus():
            value = evaluate(follower, scope, node.value)
            follower.bind(scope, node.target, value, node.line)
            place = place_of(node.target)
            return replace(value, node=None) if not place else value
        case tree.Pattern():
            return Value(node=node, const=MISSING)
        case tree.Mixed():
            return joined([evaluate(follower, scope, part).plain() for part in node.parts] or [Value()])
    return Value()


def _index(follower: Walker, scope: Scope, node: tree.Index) -> Value:
    place = place_of(node)
    narrowed = scope.find(place) if place else None
    if narrowed is not None:
        return narrowed
    holder = evaluate(follower, scope, node.object)
    if node.key is None:
        return holder
    key = evaluate(follower, scope, node.key)
    if key.const is not MISSING and isinstance(key.const, str | int):
        return parts.element(follower, holder, key.const)
    return parts.element(follower, holder, None)


def _logic(follower: Walker, scope: Scope, node: tree.Logic) -> Value:
    """Values joined; later ones are seen in the light of earlier ones, as the language evaluates them."""
    if node.operator == "not":
        value = evaluate(follower, scope, node.values[0])
        return Value(value.taints, yes=value.no, no=value.yes)
    before = dict(scope.names)
    found: list[Value] = []
    for each in node.values:
        value = evaluate(follower, scope, each)
        value = replace(value, no=checks.empty(each, value))
        found.append(value)
        follower.apply(scope, value.yes if node.operator == "and" else value.no)
    scope.names = before
    whole = joined([replace(each, yes=(), no=()) for each in found])
    every = tuple(fact for each in found for fact in (each.yes if node.operator == "and" else each.no))
    common = checks.shared([each.no if node.operator == "and" else each.yes for each in found])
    return replace(whole, yes=every, no=common) if node.operator == "and" else replace(whole, yes=common, no=every)


def _choice(follower: Walker, scope: Scope, node: tree.Choice) -> Value:
    test = evaluate(follower, scope, node.test)
    before = dict(scope.names)
    follower.apply(scope, test.yes)
    yes = evaluate(follower, scope, node.yes)
    scope.names = dict(before)
    follower.apply(scope, test.no)
    no = evaluate(follower, scope, node.no)
    scope.names = before
    return joined([yes, no])


def _items(follower: Walker, scope: Scope, node: tree.Items) -> Value:
    items: dict[Any, Value] = {}
    for key, part, spread in node.entries[:400]:
        value = evaluate(follower, scope, part)
        if spread:
            if value.items is not None:
                items.update(
                    {
                        (name if node.kind == "dict" else f"*{len(items)}{name}"): each
                        for name, each in value.items.items()
                    }
                )
            else:
                items[f"*{len(items)}"] = value
        elif node.kind == "dict":
            name = evaluate(follower, scope, key).const if key is not None else MISSING
            items[name if isinstance(name, str | int) else f"?{len(items)}"] = value
        else:
            items[len(items)] = value
    whole = joined([each.plain() for each in items.values()]) if items else Value()
    return replace(whole, items=items, listed=node.kind != "dict", form=STRANGE if whole.taints else whole.form)


def _each(follower: Walker, scope: Scope, node: tree.Each) -> Value:
    """A comprehension, with what its body tells of the source."""
    source = evaluate(follower, scope, node.source)
    inner = Scope(parent=scope, module=scope.module)
    follower.bind(inner, node.target, parts.element(follower, source, None), node.line)
    for test in node.tests:
        follower.apply(inner, evaluate(follower, inner, test).yes)
    value = evaluate(follower, inner, node.value)
    return checks.of_each(follower, scope, node, source, value)
