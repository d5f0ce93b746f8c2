"""What declared types and schemas let through: a number or one of a closed list is no way in."""

from __future__ import annotations

from bartizan.syntax.flow import checks, tree
from bartizan.syntax.flow.places import place_of
from bartizan.syntax.flow.policy import Policy
from bartizan.syntax.flow.value import STRANGE, Blueprint, Instance, Scope, Value
from bartizan.syntax.flow.walker import Walker


def closed(follower: Walker, scope: Scope, note: tree.Expression | None, depth: int = 0) -> bool:
    """Whether an annotation admits only numbers, truth values, or members of a closed list."""
    policy = follower.policy
    match note:
        case tree.Name() | tree.Member():
            name = note.id if isinstance(note, tree.Name) else note.name
            if name in policy.closed_types:
                return True
            targets = follower.evaluate(scope, note).targets
            return any(isinstance(each, Blueprint) and _is_enumeration(each) for each in targets)
        case tree.Constant():
            return note.value is None or (isinstance(note.value, str) and note.value in policy.closed_types)
        case tree.Index() if depth < 4:
            name = place_of(note.object).rpartition(".")[2]
            inner = note.key.entries if isinstance(note.key, tree.Items) else [(None, note.key, False)]
            if name in ("Literal", "Enum"):
                return True
            if name in ("Optional", "Union", "list", "List", "Annotated", "set", "tuple", "Sequence"):
                parts = inner[:1] if name == "Annotated" else inner
                return all(part is not None and closed(follower, scope, part, depth + 1) for _, part, _ in parts)
        case tree.Mixed() if depth < 4:
            return bool(note.parts) and all(closed(follower, scope, part, depth + 1) for part in note.parts)
    return False


def patterned(follower: Walker, *nodes: tree.Expression | None) -> frozenset[str]:
    """Kinds of sink for which a `Field(pattern=…)` or `constr(pattern=…)` among the nodes makes a text harmless."""
    kinds: set[str] = set()
    for node in nodes:
        for call in _calls(node):
            for argument in call.arguments:
                if argument.name in ("pattern", "regex") and isinstance(argument.value, tree.Constant):
                    kinds |= _refusing(follower.policy, str(argument.value.value))
    return frozenset(kinds)


def noted(follower: Walker, scope: Scope, holder: Value, field: tree.Assign) -> Value:
    """The annotated field of a strange record."""
    if closed(follower, scope, field.annotation):
        return Value()
    value = Value(holder.taints, STRANGE).cleaned(patterned(follower, field.annotation, field.value))
    for target in _record(follower, scope, field.annotation):
        value.targets = (Instance(target),)
    return value


def _record(follower: Walker, scope: Scope, note: tree.Expression | None) -> list[Blueprint]:
    if note is None or isinstance(note, tree.Constant):
        return []
    targets = follower.evaluate(scope, note).targets
    return [each for each in targets if isinstance(each, Blueprint)][:1]


def declared(follower: Walker, scope: Scope, field: tree.Parameter | tree.Assign) -> Value:
    """A parameter or field of which only the annotation is known: some object of that class."""
    return Value(targets=tuple(Instance(each) for each in _record(follower, scope, field.annotation)))


def annotated(follower: Walker, scope: Scope, parameter: tree.Parameter, strange: Value) -> Value:
    """A parameter of a handler, as far as its annotation lets a stranger choose."""
    if closed(follower, scope, parameter.annotation):
        return Value()
    value = strange.cleaned(patterned(follower, parameter.annotation, parameter.default))
    for blueprint in _record(follower, scope, parameter.annotation):
        value.targets = (Instance(blueprint),)
    return value


def through_schema(follower: Walker, schema: Value, strange: Value, depth: int = 0) -> Value:
    """A strange value after a schema of JavaScript has let it through: fields that admit numbers or closed lists are
    nobody's choice, patterned ones are as good as their pattern.
    """
    fields = fields_of(schema)
    if not fields or depth > 4:
        return strange
    items = {}
    for name, field in fields.items():
        names, patterns = _chain(field.node)
        if any(each in follower.policy.closed_schemas for each in names):
            items[name] = Value()
            continue
        kinds = frozenset().union(*(_refusing(follower.policy, each) for each in patterns)) if patterns else frozenset()
        inner = Value(strange.taints, STRANGE).cleaned(kinds)
        items[name] = through_schema(follower, field, inner, depth + 1) if fields_of(field) else inner
    return Value(strange.taints, STRANGE, items=items)


def fields_of(schema: Value) -> dict[str, Value]:
    """The fields of `z.object({…})` in whatever chain, of a plain mapping of fields, or nothing."""
    if schema.items and not schema.listed:
        if "properties" in schema.items and "type" in schema.items:
            return {}
        return {str(key): value for key, value in schema.items.items()}
    return {}


def _chain(node: tree.Expression | None) -> tuple[list[str], list[str]]:
    """Method names of `z.string().regex(/…/).optional()`, and the regular expressions among their arguments."""
    names: list[str] = []
    patterns: list[str] = []
    for _ in range(20):
        if not isinstance(node, tree.Call):
            break
        patterns += [each.value.pattern for each in node.arguments if isinstance(each.value, tree.Pattern)]
        if not isinstance(node.function, tree.Member):
            break
        names.append(node.function.name)
        node = node.function.object
    return names, patterns


def _calls(node: tree.Expression | None, depth: int = 0) -> list[tree.Call]:
    if depth > 4:
        return []
    match node:
        case tree.Call():
            return [node]
        case tree.Index():
            return _calls(node.key, depth + 1)
        case tree.Items():
            return [call for _, part, _ in node.entries for call in _calls(part, depth + 1)]
        case tree.Mixed():
            return [call for part in node.parts for call in _calls(part, depth + 1)]
    return []


def _refusing(policy: Policy, pattern: str) -> frozenset[str]:
    return frozenset(
        kind
        for kind, probes in policy.probes.items()
        if not any(checks.fits(pattern, probe, False) for probe in probes)
    )


def _is_enumeration(blueprint: Blueprint) -> bool:
    names = {place_of(base).rpartition(".")[2] for base in blueprint.definition.bases}
    return bool(names & {"Enum", "StrEnum", "IntEnum", "Flag"})
