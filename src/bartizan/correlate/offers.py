"""What two sightings of a server's offer differ in, and what the difference means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum
from typing import Any

from bartizan.model.severity import Severity
from bartizan.rules.mcp import OfferFacts
from bartizan.rules.wording import Passage, Reader
from bartizan.syntax.script import plain
from bartizan.syntax.unseen import find_unseen

LONGEST_DIFF = 200
DANGEROUS = frozenset({"execute", "write", "external"})


class Meaning(StrEnum):
    """What a change amounts to."""

    COSMETIC = "cosmetic"
    WIDENING = "widening"
    STEERING = "steering"


@dataclass(frozen=True, slots=True)
class Change:
    """One item that was added, removed or changed. `item` is a key such as `tool/name`; `why` says what tells."""

    item: str
    how: str
    meaning: Meaning
    why: str
    diff: str

    @property
    def kind(self) -> str:
        """`tool`, `prompt`, `resource`, `template` or `instructions`."""
        return self.item.partition("/")[0]

    @property
    def name(self) -> str:
        """The item's own name."""
        return self.item.partition("/")[2] or self.item

    @property
    def rule(self) -> str:
        """The rule that it is a finding of."""
        if self.kind != "tool":
            return "mcp/offer-changed"
        return f"mcp/tool-{self.how}"

    @property
    def severity(self) -> Severity:
        """Critical when it steers, high when it widens; a new harmless tool is medium, wording is info."""
        if self.meaning is Meaning.STEERING:
            return Severity.CRITICAL
        if self.meaning is Meaning.COSMETIC:
            return Severity.INFO
        if self.how == "added" and "can" not in self.why:
            return Severity.MEDIUM
        return Severity.HIGH


class OfferComparer:
    """Compares what `sensors.mcp.judge.offered` keeps: items by key, as canonical JSON."""

    def __init__(self, facts: OfferFacts) -> None:
        self.facts = facts
        self.reader = Reader(facts.wording)

    def changes(self, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
        """Every difference, in the order of keys."""
        for item in sorted(before.keys() | after.keys()):
            old, new = before.get(item, ""), after.get(item, "")
            if old != new:
                how = "added" if not old else "removed" if not new else "changed"
                meaning, why = self._meaning(item, old, new)
                yield Change(item, how, meaning, why, _diff(old, new))

    def _meaning(self, item: str, old: str, new: str) -> tuple[Meaning, str]:
        if not new:
            return Meaning.COSMETIC, "it is gone"
        if self._steers(new) and not (old and self._steers(old)):
            return Meaning.STEERING, "its texts now steer the model"
        if item.startswith("tool/"):
            reasons = list(self._widenings(item.partition("/")[2], _value(old), _value(new), is_new=not old))
            if reasons:
                return Meaning.WIDENING, "; ".join(reasons[:4])
        if not old:
            return Meaning.WIDENING, "it is new"
        return Meaning.COSMETIC, "its wording differs"

    def _steers(self, text: str) -> bool:
        passages = [Passage(place, text) for place, text in _texts(_value(text), "")] or [Passage("", text)]
        if any(True for passage in passages for _ in find_unseen(passage.text)):
            return True
        clean = [Passage(passage.place, plain(passage.text)) for passage in passages]
        return self.reader.read(clean).score >= self.facts.wording.report

    def _widenings(self, name: str, old: Any, new: Any, *, is_new: bool) -> Iterator[str]:
        before, after = self._abilities(name, old), self._abilities(name, new)
        gained = sorted((after - before) & DANGEROUS)
        if gained:
            yield f"it can now {', '.join(gained)}"
        if is_new:
            if not gained:
                yield "it is new"
            return
        if not isinstance(old, dict) or not isinstance(new, dict):
            yield "its form differs"
            return
        hints, other = _mapping(old.get("annotations")), _mapping(new.get("annotations"))
        for hint, safe in (("readOnlyHint", True), ("destructiveHint", False), ("openWorldHint", False)):
            if hints.get(hint) is safe and other.get(hint) is not safe:
                yield f"{hint} is no longer {str(safe).lower()}"
            elif hint == "readOnlyHint" and other.get(hint) is True and hints.get(hint) is False:
                yield "it now claims only to read"
        yield from _schema_widenings(_schema(old), _schema(new))

    def _abilities(self, name: str, value: Any) -> frozenset[str]:
        if not isinstance(value, dict):
            return frozenset()
        properties = _mapping(_schema(value).get("properties"))
        text, hints = str(value.get("description", "")), _mapping(value.get("annotations"))
        return self.facts.abilities.of(name, text, [str(key) for key in properties], hints)


def _schema_widenings(old: Mapping[str, Any], new: Mapping[str, Any], way: str = "", depth: int = 0) -> Iterator[str]:
    """What a schema takes now that it did not take before."""
    before, after = _mapping(old.get("properties")), _mapping(new.get("properties"))
    for name in sorted(after.keys() - before.keys(), key=str):
        yield f"the parameter {way}{name} is new"
    relaxed = set(_names(old.get("required"))) - set(_names(new.get("required")))
    for name in sorted(relaxed & after.keys()):
        yield f"the parameter {way}{name} is no longer required"
    if old.get("additionalProperties") is False and new.get("additionalProperties") is not False:
        yield "further parameters are taken"
    if old.get("type") != new.get("type") and old:
        yield f"the type of {way or 'its input'} differs"
    for key in ("enum", "const", "pattern", "maxLength", "maximum", "minimum", "format", "maxItems"):
        if key in old and old[key] != new.get(key):
            wider = key not in new or key != "enum" or not set(map(str, new[key])) <= set(map(str, old[key]))
            if wider:
                yield f"the limit {key} of {way or 'its input'} differs"
    if depth < 8:
        for name in sorted(before.keys() & after.keys(), key=str):
            yield from _schema_widenings(_mapping(before[name]), _mapping(after[name]), f"{way}{name}.", depth + 1)
        if "items" in old:
            yield from _schema_widenings(_mapping(old["items"]), _mapping(new.get("items")), f"{way}[].", depth + 1)


def _schema(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(value.get("inputSchema", value.get("input_schema", value.get("parameters"))))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _value(text: str) -> Any:
    """The item; instructions, which are kept as they are, stay text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{place}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{place}/{index}")


def _diff(old: str, new: str) -> str:
    """Unified, over the indented items, invisible characters made visible."""
    lines = unified_diff(_lines(old), _lines(new), "before", "after", lineterm="", n=1)
    return "\n".join(line for line, _ in zip(lines, range(LONGEST_DIFF), strict=False))


def _lines(text: str) -> list[str]:
    value = _value(text) if text else ""
    shown = value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True)
    return [
        "".join(char if char.isprintable() else f"<U+{ord(char):04X}>" for char in line) for line in shown.split("\n")
    ]
