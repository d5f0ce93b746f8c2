"""Parts of values: members, elements, what stands at a place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bartizan.syntax.flow import checks, schemas, tree
from bartizan.syntax.flow.places import place_of
from bartizan.syntax.flow.value import (
    MISSING,
    STRANGE,
    UNKNOWN,
    Blueprint,
    Closure,
    Instance,
    ModuleRef,
    Scope,
    Value,
    joined,
    text_of,
)
from bartizan.syntax.flow.walker import Walker

_HOLES = re.compile(r"\{[^{}]*\}|%\(\w+\)s|%[sdr]")
_SEPARATORS = ("os.sep", "os.path.sep", "path.sep", "path.posix.sep", "path.default.sep")


def at_place(follower: Walker, scope: Scope, place: str) -> Value | None:
    """The value at a place, narrowed or not."""
    found = scope.find(place)
    if found is not None:
        return found
    for cut in range(len(place) - 1, 0, -1):
        holder = scope.find(place[:cut]) if place[cut] in ".[" else None
        if holder is not None and holder.taints:
            key = place[cut + 1 :] if place[cut] == "." else place[cut + 2 : -2]
            return element(follower, holder, key)
    return None


def member(follower: Walker, scope: Scope, node: tree.Member) -> Value:
    """`object.name`: a narrowed place, a field, a method, a name of a module, or part of a strange value."""
    place = place_of(node)
    narrowed = scope.find(place) if place else None
    if narrowed is not None:
        return narrowed
    holder = follower.evaluate(scope, node.object)
    found: list[Value] = []
    for target in holder.targets:
        found += _member_of(follower, holder, target, node.name)
    if holder.items is not None and node.name in holder.items:
        found.append(holder.items[node.name])
    if found:
        value = joined(found)
        return value if value.taints or not holder.taints or value.targets else joined([value, holder.plain()])
    refused = checks.refusal(follower, holder, node.name)
    name = f"{holder.name}.{node.name}" if holder.name and not holder.taints else ""
    marks = ("host",) if holder.taints and node.name in ("hostname", "netloc", "host", "origin") else ()
    if holder.taints and node.name == "parents":
        marks = ("parents",)
    if holder.taints:
        value = Value(holder.taints, STRANGE).cleaned((), marks)
        if node.name in ("name", "stem", "suffix") and "resolved" not in holder.marks and holder.name == "path":
            value = value.cleaned(("path",))
        return replace(value, no=refused) if refused else value
    return Value(name=name, form="/" if name in _SEPARATORS else UNKNOWN)


def _member_of(follower: Walker, holder: Value, target: Any, name: str) -> list[Value]:
    if isinstance(target, ModuleRef):
        inner = follower.module_scope(target.module.path).names.get(target.module.exports.get(name, name))
        return [inner] if inner is not None else []
    if isinstance(target, Instance | Blueprint):
        blueprint = target.of if isinstance(target, Instance) else target
        if holder.taints and name in blueprint.notes:
            return [schemas.noted(follower, blueprint.scope, holder, blueprint.notes[name])]
        if name in blueprint.fields:
            field, note = blueprint.fields[name], blueprint.notes.get(name)
            if note is not None and not field.targets and not field.taints:
                known = schemas.declared(follower, blueprint.scope, note)
                return [known] if known.targets else [field]
            return [field]
        method = blueprint.method(name)
        if method is not None:
            owner = Value(targets=(Instance(blueprint),))
            closure = Closure(method[0], method[1], owner)
            if method[0].getter:
                return [follower.run(closure, {"self": owner, "this": owner}).value]
            return [Value(targets=(closure,))]
    return []


def element(follower: Walker, holder: Value, key: Any) -> Value:
    """One element: the item of a known key, any item for an unknown one, else a part of the whole."""
    if isinstance(key, tree.Constant):
        key = key.value
    elif isinstance(key, tree.Expression):
        key = None
    if holder.items is not None and not holder.listed and key is None and not holder.taints:
        return joined(holder.items.values()) if holder.items else Value()
    if holder.items is not None:
        if key in holder.items:
            return holder.items[key]
        if key is None and holder.items:
            return joined(holder.items.values())
    for target in holder.targets:
        if isinstance(target, Instance) and holder.taints and key in target.of.notes:
            return schemas.noted(follower, target.of.scope, holder, target.of.notes[key])
        if isinstance(target, ModuleRef) and isinstance(key, str):
            return (
                _member_of(follower, holder, target, key)[0] if _member_of(follower, holder, target, key) else Value()
            )
    if holder.name and isinstance(key, str) and not holder.taints:
        return Value(name=f"{holder.name}.{key}")
    return Value(holder.taints, STRANGE) if holder.taints else Value()


def with_item(holder: Value, key: tree.Expression | None, value: Value) -> Value:
    """The holder after one element was set."""
    items = dict(holder.items or {})
    if isinstance(key, tree.Constant):
        items[key.value] = value
    else:
        items[f"?{len(items)}"] = value
    return replace(joined([holder, value.plain()]), items=items, listed=holder.listed)


def added(follower: Walker, scope: Scope, target: tree.Expression, value: Value) -> Value:
    """`target += value`."""
    known = follower.evaluate(scope, target)
    if known.items is not None and known.listed:
        items = {
            **known.items,
            **{f"+{len(known.items)}{key}": each for key, each in (value.items or {0: value}).items()},
        }
        return replace(joined([known, value.plain()]), items=items, listed=True)
    return text_of([known, value])


def filled(form: Value, values: Iterable[Value]) -> Value:
    """A text with holes after they are filled."""
    found = list(values)
    whole = text_of([form, *found])
    shape = _HOLES.sub(lambda _: STRANGE if any(each.taints for each in found) else "\1", form.form)
    return replace(whole, form=shape, const=MISSING)
