"""Reads a YAML file that a person wrote into its dataclass; every mistake is one error with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml
from msgspec import inspect

from bartizan.model.errors import UsageError
from bartizan.syntax.pattern import flaw

Decoded = TypeVar("Decoded")

_WAY = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]|\[\.\.\.\]")
_AT = re.compile(r" - at `(key in )?\$(.*)`$")
MAX_BYTES = 4 << 20


def read_yaml(path: Path, kind: type[Decoded], complaint: type[UsageError] = UsageError) -> Decoded:
    """Decode the file into `kind`.

    Raises `complaint`, with file and line, for bad YAML, a key twice, an unknown key, a wrong type, or a pattern
    that does not compile or does not run in linear time.
    """
    try:
        return _decode(path, kind)
    except UsageError as error:
        raise complaint(error.what) from None


def _decode(path: Path, kind: type[Decoded]) -> Decoded:
    value, root = _parse(path, _text(path))
    for way, what in _flaws(value, _TYPES(kind), ()):
        raise UsageError(f"{path}:{_line(root, way)}: {what}")
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        what, way = _explained(str(error))
        raise UsageError(f"{path}:{_line(root, way)}: {what}") from None


_TYPES: Callable[[Any], inspect.Type] = lru_cache(maxsize=64)(inspect.type_info)
"""What msgspec knows of a dataclass; working it out costs more than reading a file."""


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path}:1: larger than {MAX_BYTES} bytes")
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path}:1: not UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None


def _parse(path: Path, text: str) -> tuple[Any, yaml.Node | None]:
    try:
        loader = yaml.CSafeLoader(text)
        try:
            root = loader.get_single_node()
            if root is None:
                raise UsageError(f"{path}:1: the file is empty")
            _refuse_doubles(path, root, 0)
            return loader.construct_document(root), root
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}:{line}: {error.problem or 'not YAML'}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UsageError(f"{path}:1: {str(error).splitlines()[0]}") from None


def _refuse_doubles(path: Path, node: yaml.Node, depth: int) -> None:
    if depth > 50:
        raise UsageError(f"{path}:{node.start_mark.line + 1}: nested deeper than 50 levels")
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise UsageError(f"{path}:{key.start_mark.line + 1}: the key {key.value!r} stands twice")
            seen.add(key.value if isinstance(key.value, str) else repr(key.value))
            _refuse_doubles(path, value, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_doubles(path, item, depth + 1)


def _flaws(value: Any, info: inspect.Type, way: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Unknown keys and bad patterns: what msgspec does not refuse in dataclasses."""
    if isinstance(info, inspect.Metadata):
        if (info.extra or {}).get("pattern") and isinstance(value, str) and (reason := flaw(value)):
            yield way, f"the pattern is not usable: {reason}"
        yield from _flaws(value, info.type, way)
    elif isinstance(info, inspect.UnionType):
        yield from _flaws_of_union(value, info, way)
    elif isinstance(info, inspect.DataclassType | inspect.StructType) and isinstance(value, dict):
        known = {field.encode_name: field.type for field in info.fields}
        for key, item in value.items():
            if key not in known:
                yield (*way, key), f"unknown key {key!r}; known are {', '.join(sorted(known))}"
            else:
                yield from _flaws(item, known[key], (*way, key))
    elif isinstance(info, inspect.DictType) and isinstance(value, dict):
        for key, item in value.items():
            yield from _flaws(item, info.value_type, (*way, key))
    elif isinstance(info, inspect.ListType | inspect.VarTupleType | inspect.SetType) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _flaws(item, info.item_type, (*way, index))


def _flaws_of_union(
    value: Any, info: inspect.UnionType, way: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """A mapping is checked against the union's dataclass or mapping, a list against its list, a text against all."""
    for member in info.types:
        inner = member.type if isinstance(member, inspect.Metadata) else member
        fits = (
            (
                isinstance(value, dict)
                and isinstance(inner, inspect.DataclassType | inspect.StructType | inspect.DictType)
            )
            or (isinstance(value, list) and isinstance(inner, inspect.ListType | inspect.VarTupleType))
            or (isinstance(value, str) and isinstance(inner, inspect.StrType))
        )
        if fits:
            yield from _flaws(value, member, way)


def _explained(message: str) -> tuple[str, tuple[str | int, ...]]:
    """Split msgspec's message into what is wrong and the way to it."""
    match = _AT.search(message)
    if not match:
        return message, ()
    way = tuple(int(index) if index else key for key, index in _WAY.findall(match.group(2)))
    return f"{message[: match.start()]} at {match.group(2).lstrip('.') or 'the top'}", way


def _line(root: yaml.Node | None, way: tuple[str | int, ...]) -> int:
    """The line (from 1) of the node at `way`, or of its nearest ancestor."""
    node, line = root, 1
    for step in way:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    found, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = found.start_mark.line + 1
        if found is None:
            break
        node = found
    return line
