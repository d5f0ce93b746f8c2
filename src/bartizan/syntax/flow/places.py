"""How expressions are written: the places that checks speak of, and the names of calls."""

from __future__ import annotations

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.value import Scope

_UNCHANGING = ("strip", "trim", "lower", "upper", "toLowerCase", "toUpperCase", "toString", "lstrip", "rstrip")


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


def last(name: str) -> str:
    """The part after the last dot."""
    return name.rpartition(".")[2]


def fitting(name: str, full: str) -> bool:
    """Whether a name of the policy means this call: the same, or `*.method` for a method of anything."""
    return name == full or (name.startswith("*.") and "." in full and full.endswith(name[1:]))
