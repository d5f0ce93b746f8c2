"""YAML with places, built from the parser's events: no recursion, no constructor, aliases counted as they expand.

Scalars follow YAML 1.1 as PyYAML has it, but for what surprises in configurations: `22:22` is text and no base-60
number, dates stay text, and keys are the text that was written (`on:` is `on`). Tags are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from bartizan.model.document import Keys
from bartizan.model.errors import LimitError, SourceError
from bartizan.syntax.written import MAX_DEPTH, Lines, Place, Tree

MAX_TEXT = 8 << 20
MAX_WRITTEN = 400_000
MAX_VALUES = 1_000_000
"""Values with all aliases written out: what someone who walks the document will meet."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)$")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?$")
_SPECIAL = {".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}


@dataclass(slots=True)
class _Open:
    """A collection that is being filled. `size` and `depth` count what is in it with aliases written out."""

    value: dict[str, Any] | list[Any]
    way: Keys
    anchor: str | None
    key: str | None = None
    size: int = 1
    depth: int = 1
    merged: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class _Anchored:
    value: Any
    size: int
    depth: int


def read_yaml_documents(text: str) -> Iterator[Tree]:
    """Read every document of the text.

    Raises SourceError beginning with `line N:` for a mistake or an alias inside what it names, LimitError when it
    is too large, nested too deeply or its aliases expand beyond MAX_VALUES.
    """
    if len(text) > MAX_TEXT:
        raise LimitError(f"YAML of more than {MAX_TEXT >> 20} MiB is not parsed")
    lines = Lines(text)
    builder: _Builder | None = None
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                builder = _Builder(lines)
            elif isinstance(event, yaml.DocumentEndEvent) and builder is not None:
                yield Tree(builder.root, builder.places, builder.keys)
            elif isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent) and builder is not None:
                builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = lines.place(mark.index)[0] if mark else 1
        raise SourceError(f"line {line}: not YAML: {error.problem or 'malformed'}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise SourceError(f"line 1: not YAML: {str(error).splitlines()[0]}") from None


class _Builder:
    """Takes the events of one document."""

    def __init__(self, lines: Lines) -> None:
        self.root: Any = None
        self.places: dict[Keys, Place] = {}
        self.keys: dict[Keys, Place] = {}
        self._lines = lines
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._count = 0

    def take(self, event: Any) -> None:
        """One event: a scalar, an alias, or the begin or end of a collection."""
        if isinstance(event, yaml.CollectionEndEvent):
            self._close(event)
            return
        self._count += 1
        if self._count > MAX_WRITTEN:
            raise LimitError(f"a YAML document of more than {MAX_WRITTEN} values is not parsed")
        at = event.start_mark.index
        if self._is_key_due():
            self._take_key(event, at)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, at)
        elif isinstance(event, yaml.AliasEvent):
            named = self._anchors.get(str(event.anchor))
            if named is None:
                self._fail(at, f"the alias *{event.anchor} stands inside what it names, or names nothing")
            self.places[self._way()] = self._lines.place(at)
            self._put(named.value, named.size, named.depth, at)
        else:
            self.places[self._way()] = self._lines.place(at)
            value = _scalar(event)
            if event.anchor:
                self._anchors[event.anchor] = _Anchored(value, 1, 0)
            self._put(value, 1, 0, at)

    def _fail(self, at: int, what: str) -> NoReturn:
        raise SourceError(f"line {self._lines.place(at)[0]}: not YAML: {what}")

    def _is_key_due(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _way(self) -> Keys:
        if not self._open:
            return ()
        top = self._open[-1]
        step: str | int = len(top.value) if isinstance(top.value, list) else str(top.key)
        return (*top.way, step)

    def _take_key(self, event: Any, at: int) -> None:
        top = self._open[-1]
        if isinstance(event, yaml.ScalarEvent):
            top.key = event.value
            if event.anchor:
                self._anchors[event.anchor] = _Anchored(_scalar(event), 1, 0)
        elif isinstance(event, yaml.AliasEvent):
            named = self._anchors.get(str(event.anchor))
            top.key = (
                str(named.value)[:200] if named and not isinstance(named.value, dict | list) else f"*{event.anchor}"
            )
        else:
            self._fail(at, "a collection as a key is not supported")
        way = (*top.way, str(top.key))
        self.keys[way] = self._lines.place(at)

    def _begin(self, event: Any, at: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._fail(at, f"nested deeper than {MAX_DEPTH} levels")
        way = self._way()
        self.places[way] = self._lines.place(at)
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Open(value, way, event.anchor))

    def _close(self, event: Any) -> None:
        done = self._open.pop()
        if isinstance(done.value, dict):
            for source in done.merged:
                for key, value in source.items():
                    done.value.setdefault(key, value)
        if done.anchor:
            self._anchors[done.anchor] = _Anchored(done.value, done.size, done.depth)
        self._put(done.value, done.size, done.depth, event.end_mark.index)

    def _put(self, value: Any, size: int, depth: int, at: int) -> None:
        if not self._open:
            self.root = value
            return
        top = self._open[-1]
        top.size += size
        top.depth = max(top.depth, depth + 1)
        if top.size > MAX_VALUES or top.depth > MAX_DEPTH:
            raise LimitError(
                f"line {self._lines.place(at)[0]}: aliases expand to more than {MAX_VALUES} values or too deep"
            )
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key == "<<" and isinstance(value, dict | list):
            top.merged.extend(
                item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)
            )
            top.key = None
        else:
            top.value[str(top.key)] = value
            top.key = None


def _scalar(event: Any) -> Any:
    """The value of a scalar: plain ones by their look, quoted and tagged ones as text."""
    text: str = event.value
    if event.style or event.tag or not event.implicit[0]:
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text[0] not in "+-.0123456789" or len(text) > 4000:
        return text
    if _INTEGER.match(text):
        return _integer(text.replace("_", ""))
    if _FLOAT.match(text):
        return float(text.replace("_", ""))
    return _SPECIAL.get(text.lower(), text)


def _integer(digits: str) -> Any:
    bare = digits.lstrip("+-")
    sign = -1 if digits[0] == "-" else 1
    try:
        if bare[:2] in ("0x", "0b", "0o"):
            return sign * int(bare, 0)
        return sign * int(bare, 8 if bare[0] == "0" and len(bare) > 1 else 10)
    except ValueError:
        return digits
