"""Values of expressions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bartizan.syntax.flow import calls, checks, schemas, tree
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
    constant,
    joined,
    text_of,
)

if TYPE_CHECKING:
    from bartizan.syntax.flow.follower import Follower

_SEPARATORS = ("os.sep", "os.path.sep", "path.sep", "path.posix.sep", "path.default.sep")
_UNCHANGING = ("strip", "trim", "lower", "upper", "toLowerCase", "toUpperCase", "toString", "lstrip", "rstrip")


def evaluate(follower: Follower, scope: Scope, node: tree.Expression) -> Value:
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
            return member(follower, scope, node)
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


def _composed(follower: Follower, scope: Scope, node: tree.Expression) -> Value:
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


def place_of(node: tree.Expression | None) -> str:
    """How a check's subject is written: `name`, `name.member`, `name["key"]`; harmless wrappings are taken off."""
    match node:
        case tree.Name():
            return node.id
        case tree.Member():
            holder = place_of(node.object)
            return f"{holder}.{node.name}" if holder else ""
        case tree.Index():
            holder = place_of(node.object)
            return f"{holder}[{node.key.value!r}]" if holder and isinstance(node.key, tree.Constant) else ""
        case tree.Call():
            function = node.function
            if isinstance(function, tree.Member) and function.name in _UNCHANGING:
                return place_of(function.object)
            if isinstance(function, tree.Member) and function.name == "get" and node.arguments:
                key = node.arguments[0].value
                holder = place_of(function.object)
                return f"{holder}[{key.value!r}]" if holder and isinstance(key, tree.Constant) else ""
            if (
                isinstance(function, tree.Name)
                and function.id in ("str", "String", "Path")
                and len(node.arguments) == 1
            ):
                return place_of(node.arguments[0].value)
        case tree.Walrus():
            return place_of(node.target)
    return ""


def at_place(follower: Follower, scope: Scope, place: str) -> Value | None:
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


def member(follower: Follower, scope: Scope, node: tree.Member) -> Value:
    """`object.name`: a narrowed place, a field, a method, a name of a module, or part of a strange value."""
    place = place_of(node)
    narrowed = scope.find(place) if place else None
    if narrowed is not None:
        return narrowed
    holder = evaluate(follower, scope, node.object)
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


def _member_of(follower: Follower, holder: Value, target: Any, name: str) -> list[Value]:
    if isinstance(target, ModuleRef):
        inner = follower.module_scope(target.module.path).names.get(target.module.exports.get(name, name))
        return [inner] if inner is not None else []
    if isinstance(target, Instance | Blueprint):
        blueprint = target.of if isinstance(target, Instance) else target
        if holder.taints and name in blueprint.notes:
            return [schemas.noted(follower, blueprint.scope, holder, blueprint.notes[name])]
        if name in blueprint.fields:
            return [blueprint.fields[name]]
        method = blueprint.method(name)
        if method is not None:
            owner = Value(targets=(Instance(blueprint),))
            closure = Closure(method[0], method[1], owner)
            if method[0].getter:
                return [follower.run(closure, {"self": owner, "this": owner}).value]
            return [Value(targets=(closure,))]
    return []


def element(follower: Follower, holder: Value, key: Any) -> Value:
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


def added(follower: Follower, scope: Scope, target: tree.Expression, value: Value) -> Value:
    """`target += value`."""
    known = evaluate(follower, scope, target)
    if known.items is not None and known.listed:
        items = {
            **known.items,
            **{f"+{len(known.items)}{key}": each for key, each in (value.items or {0: value}).items()},
        }
        return replace(joined([known, value.plain()]), items=items, listed=True)
    return text_of([known, value])


def _index(follower: Follower, scope: Scope, node: tree.Index) -> Value:
    place = place_of(node)
    narrowed = scope.find(place) if place else None
    if narrowed is not None:
        return narrowed
    holder = evaluate(follower, scope, node.object)
    if node.key is None:
        return holder
    key = evaluate(follower, scope, node.key)
    if key.const is not MISSING and isinstance(key.const, str | int):
        return element(follower, holder, key.const)
    return element(follower, holder, None)


def _logic(follower: Follower, scope: Scope, node: tree.Logic) -> Value:
    """Values joined; later ones are seen in the light of earlier ones, as the language evaluates them."""
    if node.operator == "not":
        value = evaluate(follower, scope, node.values[0])
        return Value(value.taints, yes=value.no, no=value.yes)
    before = dict(scope.names)
    found: list[Value] = []
    for each in node.values:
        value = evaluate(follower, scope, each)
        found.append(value)
        follower.apply(scope, value.yes if node.operator == "and" else value.no)
    scope.names = before
    whole = joined([replace(each, yes=(), no=()) for each in found])
    every = tuple(fact for each in found for fact in (each.yes if node.operator == "and" else each.no))
    common = checks.shared([each.no if node.operator == "and" else each.yes for each in found])
    return replace(whole, yes=every, no=common) if node.operator == "and" else replace(whole, yes=common, no=every)


def _choice(follower: Follower, scope: Scope, node: tree.Choice) -> Value:
    test = evaluate(follower, scope, node.test)
    before = dict(scope.names)
    follower.apply(scope, test.yes)
    yes = evaluate(follower, scope, node.yes)
    scope.names = dict(before)
    follower.apply(scope, test.no)
    no = evaluate(follower, scope, node.no)
    scope.names = before
    return joined([yes, no])


def _items(follower: Follower, scope: Scope, node: tree.Items) -> Value:
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


def _each(follower: Follower, scope: Scope, node: tree.Each) -> Value:
    """A comprehension, with what its body tells of the source."""
    source = evaluate(follower, scope, node.source)
    inner = Scope(parent=scope, module=scope.module)
    follower.bind(inner, node.target, element(follower, source, None), node.line)
    for test in node.tests:
        follower.apply(inner, evaluate(follower, inner, test).yes)
    value = evaluate(follower, inner, node.value)
    return checks.of_each(follower, scope, node, source, value)
