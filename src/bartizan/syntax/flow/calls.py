"""Calls: of the program's own functions, which are followed, and of the world's, of which the policy knows some."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bartizan.syntax.flow import checks, entries, expressions, sinks, tree, world
from bartizan.syntax.flow.modules import imported_file
from bartizan.syntax.flow.policy import Cleaner, Policy, Sink
from bartizan.syntax.flow.value import (
    MISSING,
    STRANGE,
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
from bartizan.syntax.pattern import compiled

if TYPE_CHECKING:
    from bartizan.syntax.flow.follower import Follower

_HOLES = re.compile(r"\{[^{}]*\}|%\(\w+\)s|%[sdr]")


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


def last(name: str) -> str:
    """The part after the last dot."""
    return name.rpartition(".")[2]


def fitting(name: str, full: str) -> bool:
    """Whether a name of the policy means this call: the same, or `*.method` for a method of anything."""
    return name == full or (name.startswith("*.") and "." in full and full.endswith(name[1:]))


def call(follower: Follower, scope: Scope, node: tree.Call) -> Value:
    """The value of a call."""
    function = node.function
    holder = expressions.evaluate(follower, scope, function.object) if isinstance(function, tree.Member) else Value()
    if isinstance(function, tree.Member) and function.name in ("%", "/"):
        return _operator(follower, scope, function.name, holder, node)
    callee = expressions.evaluate(follower, scope, function)
    name = callee.name or written(scope, function)
    if name in ("require", "import"):
        return _required(follower, scope, node)
    given = _given(follower, scope, node)
    if entries.registered(follower, scope, name, given, holder):
        return Value()
    sinks.check(follower, scope, node, name, holder, given)
    if follower.policy.statement_checks and compiled(follower.policy.statement_checks).search(last(name)):
        origins = frozenset(origin for _, value in given.pairs for origin in value.origins)
        follower.apply(scope, (Fact(marks=frozenset({"readonly"}), origins=origins),))
    own = [each for each in callee.targets if isinstance(each, Closure | Blueprint)]
    if own:
        return own_call(follower, scope, own, given, node)
    return world.world(follower, scope, node, name, holder, given)


def written(scope: Scope, function: tree.Expression) -> str:
    """A callee as written, for what has no name from outside."""
    match function:
        case tree.Name():
            return function.id
        case tree.Member():
            inner = written(scope, function.object)
            return f"{inner}.{function.name}"
        case tree.Call():
            return written(scope, function.function) + "()"
        case tree.Index():
            return written(scope, function.object) + "[]"
    return "?"


def _given(follower: Follower, scope: Scope, node: tree.Call) -> Given:
    ordered: list[Value] = []
    keyed: dict[str, Value] = {}
    pairs: list[tuple[tree.Expression, Value]] = []
    for argument in node.arguments[:60]:
        value = expressions.evaluate(follower, scope, argument.value)
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


def _operator(follower: Follower, scope: Scope, name: str, holder: Value, node: tree.Call) -> Value:
    """`text % values` and `path / part`."""
    value = expressions.evaluate(follower, scope, node.arguments[0].value)
    if name == "/":
        whole = text_of([holder, Value(form="/"), value])
        return replace(whole, name="path", const=MISSING)
    return filled(holder, [value])


def filled(form: Value, values: Iterable[Value]) -> Value:
    """A text with holes after they are filled."""
    found = list(values)
    whole = text_of([form, *found])
    shape = _HOLES.sub(lambda _: STRANGE if any(each.taints for each in found) else "\1", form.form)
    return replace(whole, form=shape, const=MISSING)


def _required(follower: Follower, scope: Scope, node: tree.Call) -> Value:
    """`require("x")` and `import("x")`."""
    first = expressions.evaluate(follower, scope, node.arguments[0].value) if node.arguments else Value()
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
    follower: Follower, scope: Scope, targets: list[Closure | Blueprint], given: Given, node: tree.Call
) -> Value:
    """A call of the program's own functions or classes: whichever it may be."""
    found: list[Value] = []
    for target in targets[:24]:
        if isinstance(target, Blueprint):
            found.append(_instance(follower, target, given))
            continue
        result = follower.run(target, bound(follower, target, given))
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


def _instance(follower: Follower, blueprint: Blueprint, given: Given) -> Value:
    """A new object; what it was made of stays with it, field by field for annotated records."""
    method = blueprint.method("__init__") or blueprint.method("constructor")
    itself = Value(targets=(Instance(blueprint),))
    if method is not None:
        follower.run(Closure(*method, itself), bound(follower, Closure(*method, itself), given))
        return itself
    strange = joined([each.plain() for each in (*given.ordered, *given.keyed.values())] or [Value()])
    return Value(strange.taints, strange.form, targets=(Instance(blueprint),))


def bound(follower: Follower, closure: Closure, given: Given) -> dict[str, Value]:
    """Parameters by name."""
    names: dict[str, Value] = {}
    waiting = list(given.ordered)
    parameters = closure.function.parameters
    if closure.owner is not None:
        if parameters and parameters[0].name in ("self", "cls"):
            names[parameters[0].name] = closure.owner
            parameters = parameters[1:]
        names.setdefault("this", closure.owner)
    elif parameters and parameters[0].name in ("self", "cls") and len(waiting) < len(parameters):
        parameters = parameters[1:]
    rest = given.keyed.get("*")
    for parameter in parameters:
        if parameter.rest:
            extra = [*waiting, *(value for key, value in given.keyed.items() if key not in names)]
            items: dict[Any, Value] = dict(enumerate(waiting))
            items.update({key: each for key, each in given.keyed.items() if key not in names and key != "*"})
            names[parameter.name] = replace(joined([each.plain() for each in extra] or [Value()]), items=items or None)
            waiting = []
            continue
        value = given.keyed.get(parameter.name)
        if value is None and waiting:
            value = waiting.pop(0)
        if value is None and rest is not None:
            value = expressions.element(follower, rest, parameter.name)
        if value is None and parameter.default is not None:
            value = expressions.evaluate(follower, closure.scope, parameter.default)
        _bind_parameter(follower, closure, names, parameter, value or Value())
    return names


def _bind_parameter(
    follower: Follower, closure: Closure, names: dict[str, Value], parameter: tree.Parameter, value: Value
) -> None:
    step = follower.step(closure.scope, closure.function.line)
    if parameter.pattern is not None:
        inner = Scope(names, closure.scope, closure.scope.module)
        follower.bind(inner, parameter.pattern, value, closure.function.line)
        names.update(inner.names)
        return
    stepped = value.stepped(step) if step and value.taints else value
    names[parameter.name] = replace(stepped, birth=parameter.name)


def _places(closure: Closure, node: tree.Call) -> dict[str, str]:
    """Where the caller keeps what each parameter got."""
    parameters = [each for each in closure.function.parameters if each.name not in ("self", "cls")]
    places: dict[str, str] = {}
    for parameter, argument in zip(parameters, [each for each in node.arguments if not each.name], strict=False):
        places[parameter.name] = expressions.place_of(argument.value)
    for argument in node.arguments:
        if argument.name:
            places[argument.name] = expressions.place_of(argument.value)
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
