"""Finds the functions that strangers call, and follows them."""

from __future__ import annotations

from bartizan.syntax.flow import binding, schemas, tree
from bartizan.syntax.flow.given import Given
from bartizan.syntax.flow.places import last, place_of, written
from bartizan.syntax.flow.value import STRANGE, Blueprint, Closure, Instance, Scope, Step, Taint, Value
from bartizan.syntax.flow.walker import Walker
from bartizan.syntax.pattern import compiled


def decorated(follower: Walker, scope: Scope, function: tree.Function) -> None:
    """Follow a function that is a handler by its decorator."""
    entries = follower.policy.entries
    for decorator in function.decorators:
        node = decorator.function if isinstance(decorator, tree.Call) else decorator
        name = written(scope, node)
        receiver = name.rpartition(".")[0]
        if (
            last(name) in entries.decorators
            and receiver
            and (not entries.receivers or compiled(entries.receivers).search(receiver))
        ):
            follow_handler(follower, Closure(function, scope), Value())
            return


def registered(follower: Walker, scope: Scope, name: str, given: Given, holder: Value) -> bool:
    """Follow the handlers that a call registers; say whether it was such a call."""
    entries = follower.policy.entries
    if last(name) not in entries.registrars:
        return False
    receiver = name.rpartition(".")[0]
    if entries.receivers and not compiled(entries.receivers).search(receiver):
        return False
    schema = Value()
    closures: list[Closure] = []
    for value in (*given.ordered, *given.keyed.values()):
        closures += [each for each in value.targets if isinstance(each, Closure)]
        if value.items is not None:
            inner = (
                value.items.get("inputSchema") or value.items.get("parameters") or value.items.get("schema") or value
            )
            schema = inner if inner.items else schema
            for key in entries.keys:
                item = value.items.get(key)
                closures += [each for each in item.targets if isinstance(each, Closure)] if item else []
    for closure in closures:
        follow_handler(follower, closure, schema)
    return bool(closures)


def follow_entries(follower: Walker) -> None:
    """Functions inside which something is registered are run with nothing known; so are handler classes and objects."""
    for path, module in follower.modules.items():
        scope = follower.module_scope(path)
        for statement in _functions(module.body):
            if isinstance(statement, tree.Define) and statement.function.registers:
                closure = Closure(statement.function, scope)
                follower.attempt(closure, binding.bound(follower, closure, Given([], {}, [])))
        for value in list(scope.names.values()):
            for target in value.targets:
                if isinstance(target, Blueprint):
                    _class(follower, target)
            _object(follower, value, 0)


def _functions(body: list[tree.Statement]) -> list[tree.Statement]:
    found = []
    for each in body:
        if isinstance(each, tree.Branch):
            found += _functions(each.yes) + _functions(each.no)
        elif isinstance(each, tree.Attempt):
            found += _functions(each.body)
        else:
            found.append(each)
    return found


def _class(follower: Walker, blueprint: Blueprint) -> None:
    entries = follower.policy.entries
    bases = {place_of(base).rpartition(".")[2] for base in blueprint.definition.bases}
    owner = Value(targets=(Instance(blueprint),))
    handler_class = bool(bases & {*entries.bases})
    if any(isinstance(each, tree.Define) and each.function.decorators for each in blueprint.definition.body):
        _made(follower, blueprint, owner)
    for statement in blueprint.definition.body:
        if not isinstance(statement, tree.Define):
            continue
        function = statement.function
        closure = Closure(function, blueprint.scope, owner)
        if handler_class and function.name in entries.methods:
            schema = blueprint.fields.get("schema") or blueprint.fields.get("inputSchema") or Value()
            follow_handler(follower, closure, schema)
        elif function.registers:
            follower.attempt(closure, binding.bound(follower, closure, Given([], {}, [])))
        for decorator in function.decorators:
            node = decorator.function if isinstance(decorator, tree.Call) else decorator
            name = last(written(blueprint.scope, node))
            if name in entries.bare or (name in entries.decorators and isinstance(node, tree.Member)):
                follow_handler(follower, closure, _described(follower, blueprint, decorator))


def _made(follower: Walker, blueprint: Blueprint, owner: Value) -> None:
    """Run the constructor of a class whose objects the framework makes, so that its fields are known."""
    method = blueprint.method("__init__") or blueprint.method("constructor")
    if method is not None:
        closure = Closure(*method, owner)
        follower.attempt(closure, binding.bound(follower, closure, Given([], {}, [])))


def _described(follower: Walker, blueprint: Blueprint, decorator: tree.Expression) -> Value:
    """The schema that a decorator with an object of settings declares."""
    if isinstance(decorator, tree.Call) and decorator.arguments:
        settings = follower.evaluate(blueprint.scope, decorator.arguments[0].value)
        return (settings.items or {}).get("parameters") or Value()
    return Value()


def _object(follower: Walker, value: Value, depth: int) -> None:
    """An object literal that holds a handler beside a description or schema; lists and mappings of such."""
    entries = follower.policy.entries
    if value.items is None or depth > 3:
        return
    if not value.listed and any(key in value.items for key in entries.siblings):
        schema = value.items.get("inputSchema") or value.items.get("parameters") or value.items.get("schema") or Value()
        for key in entries.keys:
            for target in value.items[key].targets if key in value.items else ():
                if isinstance(target, Closure):
                    follow_handler(follower, target, schema)
        return
    for item in list(value.items.values())[:200]:
        _object(follower, item, depth + 1)


def follow_handler(follower: Walker, closure: Closure, schema: Value) -> None:
    """Follow a handler with everything a stranger may choose."""
    function = closure.function
    key = (function.file, function.line)
    if key in follower.handlers or follower.spent:
        return
    follower.handlers[key] = function.name
    names: dict[str, Value] = {}
    if closure.owner is not None:
        names["this"] = closure.owner
    for position, parameter in enumerate(function.parameters):
        if parameter.name in ("self", "cls") and position == 0:
            names[parameter.name] = closure.owner or Value()
            continue
        if _harmless(follower, closure, parameter, position):
            names[parameter.name] = Value(name="context")
            continue
        value = _strange(follower, closure, parameter)
        value = (
            schemas.through_schema(follower, schema, value)
            if (schema.items and not parameter.annotation) or schema.items
            else value
        )
        if parameter.pattern is not None:
            inner = Scope({}, closure.scope, closure.scope.module)
            follower.bind(inner, parameter.pattern, value, function.line)
            names.update(inner.names)
        else:
            names[parameter.name] = schemas.annotated(follower, closure.scope, parameter, value)
            names[parameter.name].birth = parameter.name
    follower.attempt(closure, names)


def _strange(follower: Walker, closure: Closure, parameter: tree.Parameter) -> Value:
    function = closure.function
    module = closure.scope.module
    lines = module.lines if module else []
    text = lines[function.line - 1].strip()[:160] if 0 < function.line <= len(lines) else ""
    name = parameter.name or "arguments"
    step = Step(function.file, function.line, text)
    return Value((Taint(f"{function.file}:{function.line}:{name}", (step,)),), STRANGE)


def _harmless(follower: Walker, closure: Closure, parameter: tree.Parameter, position: int) -> bool:
    """Parameters that the framework fills: contexts, and the second one of JavaScript's handlers."""
    entries = follower.policy.entries
    if entries.harmless and compiled(entries.harmless).search(parameter.name) and position > 0:
        return True
    note = place_of(parameter.annotation) if parameter.annotation is not None else ""
    if isinstance(parameter.annotation, tree.Index):
        note = place_of(parameter.annotation.object)
    return bool(entries.harmless_types and note and compiled(entries.harmless_types).search(note))
