"""Calls: of the program's own functions, which are followed, and of the world's, of which the policy knows some."""

from __future__ import annotations

import re
from dataclasses import replace

from bartizan.syntax.flow import binding, checks, entries, parts, sinks, tree, world
from bartizan.syntax.flow.given import Given
from bartizan.syntax.flow.modules import imported_file
from bartizan.syntax.flow.places import last, place_of, written
from bartizan.syntax.flow.value import (
    MISSING,
    Blueprint,
    Closure,
    Fact,
    Instance,
    ModuleRef,
    Scope,
    Value,
    joined,
    text_of,
)
from bartizan.syntax.flow.walker import Walker
from bartizan.syntax.pattern import compiled


def call(follower: Walker, scope: Scope, node: tree.Call) -> Value:
    """The value of a call."""
    function = node.function
    holder = follower.evaluate(scope, function.object) if isinstance(function, tree.Member) else Value()
    if isinstance(function, tree.Member) and function.name in ("%", "/"):
        return _operator(follower, scope, function.name, holder, node)
    callee = follower.evaluate(scope, function)
    name = callee.name or written(scope, function)
    if name in ("require", "import"):
        return _required(follower, scope, node)
    given = _given(follower, scope, node)
    if entries.registered(follower, scope, name, given, holder):
        return Value()
    if follower.policy.statement_checks and compiled(follower.policy.statement_checks).search(last(name)):
        origins = frozenset(origin for _, value in given.pairs for origin in value.origins)
        follower.apply(scope, (Fact(marks=frozenset({"readonly"}), origins=origins),))
    own = [each for each in callee.targets if isinstance(each, Closure | Blueprint)]
    followed = any(isinstance(each, Closure) and each.function.body for each in own)
    sinks.check(follower, scope, node, name, holder, given, own=followed)
    if own:
        return own_call(follower, scope, own, given, node)
    return world.world(follower, scope, node, name, holder, given)


def _given(follower: Walker, scope: Scope, node: tree.Call) -> Given:
    ordered: list[Value] = []
    keyed: dict[str, Value] = {}
    pairs: list[tuple[tree.Expression, Value]] = []
    for argument in node.arguments[:60]:
        value = follower.evaluate(scope, argument.value)
        pairs.append((argument.value, value))
        if argument.name:
            keyed[argument.name] = value
        elif argument.spread and value.items is not None:
            if value.listed:
                ordered += value.items.values()
            else:
                keyed.update({str(key): each for key, each in value.items.items()})
        elif argument.spread:
            keyed["*"] = value
        else:
            ordered.append(value)
    return Given(ordered, keyed, pairs)


def _operator(follower: Walker, scope: Scope, name: str, holder: Value, node: tree.Call) -> Value:
    """`text % values` and `path / part`."""
    value = follower.evaluate(scope, node.arguments[0].value)
    if name == "/":
        whole = text_of([holder, Value(form="/"), value])
        return replace(whole, name="path", const=MISSING)
    return parts.filled(holder, [value])


def _required(follower: Walker, scope: Scope, node: tree.Call) -> Value:
    """`require("x")` and `import("x")`."""
    first = follower.evaluate(scope, node.arguments[0].value) if node.arguments else Value()
    if scope.module is None or not isinstance(first.const, str):
        return first.plain()
    statement = tree.Import(node.line, first.const, "", "")
    path = imported_file(follower.modules, scope.module.path, statement, scope.module.language)
    if path:
        inner = follower.module_scope(path)
        whole = inner.names.get("default")
        reference = Value(targets=(ModuleRef(follower.modules[path]),))
        return reference if whole is None or whole.items is not None else joined([whole, reference])
    return Value(name=first.const.removeprefix("node:"))


def own_call(
    follower: Walker, scope: Scope, targets: list[Closure | Blueprint], given: Given, node: tree.Call
) -> Value:
    """A call of the program's own functions or classes: whichever it may be."""
    found: list[Value] = []
    for target in targets[:24]:
        if isinstance(target, Blueprint):
            found.append(_instance(follower, target, given))
            continue
        result = follower.run(target, binding.bound(follower, target, given))
        places = _places(target, node)
        inner = frozenset(each.name for each in target.function.parameters)
        if target.scope is not scope:  # what another scope calls by the same name is another thing
            inner |= frozenset(name for name, _ in scope.visible())
        follower.apply(scope, _carried(result.after, places, inner))
        value = result.value.stepped(step) if (step := follower.step(scope, node.line)) else result.value
        escapes = follower.policy.escape_names
        if escapes and compiled(escapes).search(target.function.name):
            value = value.cleaned(("command", "sql"))
        yes, no = _carried(result.yes, places, inner), _carried(result.no, places, inner)
        if not yes and not no:
            no = checks.denied(follower, target.function.name, given.pairs)
        found.append(replace(value, yes=yes, no=no))
    return found[0] if len(found) == 1 else joined(found)


def _instance(follower: Walker, blueprint: Blueprint, given: Given) -> Value:
    """A new object; what it was made of stays with it, field by field for annotated records."""
    method = blueprint.method("__init__") or blueprint.method("constructor")
    itself = Value(targets=(Instance(blueprint),))
    if method is not None:
        follower.run(Closure(*method, itself), binding.bound(follower, Closure(*method, itself), given))
        return itself
    strange = joined([each.plain() for each in (*given.ordered, *given.keyed.values())] or [Value()])
    return Value(strange.taints, strange.form, targets=(Instance(blueprint),))


def _places(closure: Closure, node: tree.Call) -> dict[str, str]:
    """Where the caller keeps what each parameter got."""
    parameters = [each for each in closure.function.parameters if each.name not in ("self", "cls")]
    places: dict[str, str] = {}
    for parameter, argument in zip(parameters, [each for each in node.arguments if not each.name], strict=False):
        places[parameter.name] = place_of(argument.value)
    for argument in node.arguments:
        if argument.name:
            places[argument.name] = place_of(argument.value)
    return {name: place for name, place in places.items() if place}


def _carried(facts: tuple[Fact, ...], places: dict[str, str], own: frozenset[str]) -> tuple[Fact, ...]:
    """Facts about parameters as facts about what the caller gave."""
    found = []
    for fact in facts:
        if fact.origins:
            found.append(fact)
            continue
        root = re.split(r"[.\[]", fact.place, maxsplit=1)[0]
        if root in places:
            found.append(replace(fact, place=places[root] + fact.place[len(root) :]))
        elif root not in own:
            found.append(fact)
    return tuple(found)
