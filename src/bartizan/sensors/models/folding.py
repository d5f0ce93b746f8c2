"""The constants that expressions of a Jinja template come to, worked out without rendering anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from jinja2 import nodes

_LONGEST = 4096
_DEPTH = 40
_FIELDS = re.compile(r"(?:[^%]|%[csdxX%])*")
_TEXT_METHODS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "trim": str.strip,
    "lstrip": str.lstrip,
    "rstrip": str.rstrip,
    "title": str.title,
    "capitalize": str.capitalize,
    "string": str,
    "safe": str,
    "reverse": lambda text: text[::-1],
    "reversed": lambda text: text[::-1],
}


class Constants:
    """What the names of one template are bound to, as far as it is constant."""

    def __init__(self) -> None:
        self.known: dict[str, object] = {}
        self._folds: dict[type[nodes.Node], Callable[[Any, int], object]] = {
            nodes.Const: lambda node, _: node.value,
            nodes.TemplateData: lambda node, _: node.data,
            nodes.Name: lambda node, _: self.known.get(node.name),
            nodes.Concat: lambda node, depth: _joined([self.fold(part, depth) for part in node.nodes]),
            nodes.Add: lambda node, depth: _joined([self.fold(node.left, depth), self.fold(node.right, depth)]),
            nodes.Mul: lambda node, depth: _repeated(self.fold(node.left, depth), self.fold(node.right, depth)),
            nodes.Neg: lambda node, depth: _negated(self.fold(node.node, depth)),
            nodes.List: lambda node, depth: [self.fold(item, depth) for item in node.items],
            nodes.Tuple: lambda node, depth: [self.fold(item, depth) for item in node.items],
            nodes.Filter: self._filtered,
            nodes.Call: self._called,
            nodes.Getitem: self._item,
        }

    def bind(self, name: str, node: nodes.Node) -> None:
        """Note an assignment; a name bound to two different values is no constant."""
        value = self.fold(node)
        known = self.known.get(name)
        self.known[name] = value if known is None or known == value else None

    def fold(self, node: nodes.Node | None, depth: int = 0) -> object:
        """The constant that an expression comes to; None when it is none."""
        work = self._folds.get(type(node)) if node is not None else None
        return work(node, depth + 1) if work is not None and depth <= _DEPTH else None

    def _filtered(self, node: nodes.Filter, depth: int) -> object:
        value = self.fold(node.node, depth)
        arguments = [self.fold(argument, depth) for argument in node.args]
        if node.name == "join" and isinstance(value, list):
            return _glued(arguments[0] if arguments else "", value)
        if node.name == "format" and isinstance(value, str):
            return _formatted(value, arguments)
        return _method(node.name, value, arguments)

    def _called(self, node: nodes.Call, depth: int) -> object:
        if not isinstance(node.node, nodes.Getattr):
            return None
        owner = self.fold(node.node.node, depth)
        return _method(node.node.attr, owner, [self.fold(argument, depth) for argument in node.args])

    def _item(self, node: nodes.Getitem, depth: int) -> object:
        value = self.fold(node.node, depth)
        if isinstance(node.arg, nodes.Slice):
            bounds = [self.fold(part, depth) for part in (node.arg.start, node.arg.stop, node.arg.step)]
            first, last, step = (bound if isinstance(bound, int) else None for bound in bounds)
            return value[first:last:step] if isinstance(value, str) and step != 0 else None
        index = self.fold(node.arg, depth)
        if isinstance(value, str | list) and isinstance(index, int) and -len(value) <= index < len(value):
            return value[index]
        return None


def _joined(parts: list[object]) -> object:
    if all(isinstance(part, str | int) and not isinstance(part, bool) for part in parts):
        text = "".join(str(part) for part in parts)
        return text if len(text) <= _LONGEST else None
    return None


def _repeated(left: object, right: object) -> object:
    text, count = (left, right) if isinstance(left, str) else (right, left)
    if isinstance(text, str) and isinstance(count, int) and 0 <= len(text) * count <= _LONGEST:
        return text * count
    return None


def _negated(value: object) -> object:
    return -value if isinstance(value, int) else None


def _glued(glue: object, parts: list[object]) -> object:
    texts = [part for part in parts if isinstance(part, str)]
    return glue.join(texts)[:_LONGEST] if isinstance(glue, str) and len(texts) == len(parts) else None


def _formatted(text: str, arguments: list[object]) -> object:
    """`"%c" | format(95)`. A field with a width could grow without measure, so only bare ones are worked out."""
    if not _FIELDS.fullmatch(text) or not all(isinstance(part, str | int) for part in arguments):
        return None
    try:
        return text % tuple(arguments)
    except (TypeError, ValueError, OverflowError):
        return None


def _method(name: str, value: object, arguments: list[object]) -> object:
    if not isinstance(value, str):
        return None
    texts = [argument for argument in arguments if isinstance(argument, str)]
    if name == "replace" and len(texts) == 2:
        return value.replace(texts[0], texts[1])[:_LONGEST] if len(value) <= _LONGEST else None
    if name == "join" and arguments and isinstance(arguments[0], list):
        return _glued(value, arguments[0])
    if name == "split" and texts:
        return list(value.split(texts[0]))[:64] if texts[0] else None
    work = _TEXT_METHODS.get(name)
    return work(value) if work else None
