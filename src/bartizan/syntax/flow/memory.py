"""Names after two ways have met, and what tells calls apart."""

from __future__ import annotations

from bartizan.syntax.flow.value import PROVEN, Blueprint, Closure, Instance, ModuleRef, Value, joined


def met(one: dict[str, Value], two: dict[str, Value]) -> dict[str, Value]:
    """Names after two ways have met. A place that only one way has narrowed falls back to its holder."""
    names: dict[str, Value] = {}
    for name in {**one, **two}:
        left, right = one.get(name), two.get(name)
        if left is right and left is not None:
            names[name] = left
        elif left is not None and right is not None:
            names[name] = joined([left, right])
        elif "." not in name and "[" not in name and not name.startswith(PROVEN):
            names[name] = left or right or Value()
    return names


def _identity(target: object) -> object:
    """A name for a target that no later one can have."""
    match target:
        case Closure():
            return (id(target.function), target.scope.serial)
        case Instance():
            return ("instance", target.of.serial)
        case Blueprint():
            return ("class", target.serial)
        case ModuleRef():
            return target.module.path
    return ""


def print_of(value: Value, depth: int = 0) -> object:
    """What tells values apart for the memory of calls."""
    taints = tuple(sorted((each.origin, tuple(sorted(each.clean)), tuple(sorted(each.marks))) for each in value.taints))
    targets = tuple(_identity(each) for each in value.targets)
    const = value.const if isinstance(value.const, str | int | bool | None) else ""
    items: object = ()
    if value.items and depth < 2:
        items = tuple((str(key), print_of(each, depth + 1)) for key, each in list(value.items.items())[:24])
    return (taints, targets, const, value.form[:200], value.name, items)
