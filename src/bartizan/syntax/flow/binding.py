"""Names given to values: by assignments, patterns and calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bartizan.syntax.flow import parts, schemas, tree
from bartizan.syntax.flow.given import Given
from bartizan.syntax.flow.places import place_of
from bartizan.syntax.flow.value import UNKNOWN, Blueprint, Closure, Instance, Scope, Value, joined
from bartizan.syntax.flow.walker import Walker


def bind(follower: Walker, scope: Scope, target: tree.Expression, value: Value, line: int) -> None:
    """Give a target its value: a name, a member, an element, or a pattern of them."""
    match target:
        case tree.Name():
            step = follower.step(scope, line)
            scope.names[target.id] = value.stepped(step) if value.taints and step else value
            for place in [each for each in scope.names if each.startswith((target.id + ".", target.id + "["))]:
                del scope.names[place]
        case tree.Member():
            _bind_member(follower, scope, target, value)
        case tree.Index():
            holder = follower.evaluate(scope, target.object)
            if isinstance(target.object, tree.Name) and value.taints:
                scope.names[target.object.id] = parts.with_item(holder, target.key, value)
        case tree.Items():
            for position, (key, part, spread) in enumerate(target.entries):
                element = value if spread else parts.element(follower, value, key if key is not None else position)
                bind(follower, scope, part, element, line)
        case tree.Walrus():
            element = joined([value, follower.evaluate(scope, target.value)])
            bind(follower, scope, target.target, element if value.form == UNKNOWN and not value.taints else value, line)


def _bind_member(follower: Walker, scope: Scope, target: tree.Member, value: Value) -> None:
    holder = follower.evaluate(scope, target.object)
    for each in holder.targets:
        if isinstance(each, Instance | Blueprint):
            fields = each.of.fields if isinstance(each, Instance) else each.fields
            fields[target.name] = joined([fields[target.name], value]) if target.name in fields else value
    place = place_of(target)
    if place:
        scope.names[place] = value
    if isinstance(target.object, tree.Name) and target.object.id in ("module", "exports"):
        _module_exports(follower, scope, target.name, value)


def _module_exports(follower: Walker, scope: Scope, name: str, value: Value) -> None:
    """CommonJS: `module.exports = {…}` and `exports.name = …`."""
    if scope.module is None:
        return
    if name == "exports":
        for key, item in (value.items or {}).items():
            scope.names.setdefault(str(key), item)
        scope.names["default"] = value
    else:
        scope.names.setdefault(name, value)


def bound(follower: Walker, closure: Closure, given: Given) -> dict[str, Value]:
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
            value = parts.element(follower, rest, parameter.name)
        if value is None and parameter.default is not None:
            value = follower.evaluate(closure.scope, parameter.default)
        _bind_parameter(
            follower, closure, names, parameter, value or schemas.declared(follower, closure.scope, parameter)
        )
    return names


def _bind_parameter(
    follower: Walker, closure: Closure, names: dict[str, Value], parameter: tree.Parameter, value: Value
) -> None:
    step = follower.step(closure.scope, closure.function.line)
    if parameter.pattern is not None:
        inner = Scope(names, closure.scope, closure.scope.module)
        bind(follower, inner, parameter.pattern, value, closure.function.line)
        names.update(inner.names)
        return
    stepped = value.stepped(step) if step and value.taints else value
    names[parameter.name] = replace(stepped, birth=parameter.name)
