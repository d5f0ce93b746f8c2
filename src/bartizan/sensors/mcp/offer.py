"""What a server offers: its instructions, tools, prompts and resources, as it says them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bartizan.model.document import Keys
from bartizan.rules.wording import Passage

Texts = Sequence[tuple[Keys, Passage]]
"""The texts of one item with the keys that lead to each."""
LISTS = {"tools": "tool", "prompts": "prompt", "resources": "resource", "resourceTemplates": "template"}
MOST_ITEMS = 5000
MOST_PASSAGES = 2000
DEEPEST = 24
SHORTEST = 8
"""ASCII texts of up to so many characters say nothing."""


@dataclass(frozen=True, slots=True)
class Item:
    """One tool, prompt, resource or resource template. `way` leads to it in the document it was read from."""

    kind: str
    name: str
    value: Mapping[str, Any]
    way: Keys = ()

    @property
    def description(self) -> str:
        """What it says it is for."""
        text = self.value.get("description")
        return text if isinstance(text, str) else ""

    @property
    def schema(self) -> Mapping[str, Any]:
        """The input schema of a tool; empty when there is none."""
        for key in ("inputSchema", "input_schema", "parameters"):
            if isinstance(self.value.get(key), dict):
                schema: Mapping[str, Any] = self.value[key]
                return schema
        return {}

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The schema's properties by name."""
        properties = self.schema.get("properties")
        return properties if isinstance(properties, dict) else {}

    @property
    def hints(self) -> Mapping[str, Any]:
        """A tool's annotations."""
        hints = self.value.get("annotations")
        return hints if isinstance(hints, dict) else {}

    def passages(self) -> list[tuple[Keys, Passage]]:
        """Every text of the item with the keys that lead to it, the description first."""
        found: list[tuple[Keys, Passage]] = []
        _gather(self.value, (), "", found)
        found.sort(key=lambda pair: pair[0] != ("description",))
        return found


def _gather(value: Any, way: Keys, place: str, found: list[tuple[Keys, Passage]]) -> None:
    """Collect the texts; words of a schema (`object`, `string`, …) are left out, long or foreign keys are taken in."""
    if isinstance(value, str):
        if len(value) > SHORTEST or not value.isascii():
            found.append((way, Passage(place, value)))
    elif len(way) >= DEEPEST or len(found) >= MOST_PASSAGES:
        return
    elif isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(key, str) and (len(key) > 40 or not key.isascii()):
                found.append(((*way, key), Passage(f"{place}/(key)", key)))
            if isinstance(inner, str | dict | list):
                _gather(inner, (*way, key), f"{place}/{key}", found)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if isinstance(inner, str | dict | list):
                _gather(inner, (*way, index), f"{place}/{index}", found)


@dataclass(frozen=True, slots=True)
class Offer:
    """All that one server offers. `way` leads to the object that holds the lists."""

    name: str
    items: tuple[Item, ...]
    version: str = ""
    instructions: str = ""
    way: Keys = ()
    instructions_way: Keys = ()

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        """The tools, prompts, resources or templates."""
        return tuple(item for item in self.items if item.kind == kind)

    @property
    def tool_names(self) -> tuple[str, ...]:
        """In the order listed."""
        return tuple(item.name for item in self.of_kind("tool"))


def read_items(holder: Any, way: Keys = ()) -> tuple[Item, ...]:
    """The items of an object that holds any of the lists, or of a bare list of tools with their schemas; what is no
    object with a name is left out. Tools may also stand by name, with their schemas.
    """
    if isinstance(holder, list):
        return tuple(_listed([tool for tool in enumerate(holder) if _has_schema(tool[1])], "tool", way))
    items: list[Item] = []
    for key, kind in LISTS.items():
        listed = holder.get(key)
        if isinstance(listed, list):
            items += _listed(enumerate(listed), kind, (*way, key))
        elif kind == "tool" and isinstance(listed, dict):
            named = [(name, tool | {"name": name}) for name, tool in listed.items() if _has_schema(tool)]
            items += _listed(named, kind, (*way, key))
    return tuple(items)


def _listed(values: Iterable[tuple[str | int, Any]], kind: str, way: Keys) -> Iterator[Item]:
    for step, value in islice(values, MOST_ITEMS):
        if isinstance(value, dict):
            name = value.get("name")
            if name in (None, ""):
                name = value.get("uri", value.get("uriTemplate"))
            if isinstance(name, str | int | float):
                yield Item(kind, str(name), value, (*way, step))


def _has_schema(value: Any) -> bool:
    return isinstance(value, dict) and any(isinstance(value.get(key), dict) for key in ("inputSchema", "input_schema"))


def looks_offered(items: tuple[Item, ...]) -> bool:
    """Whether things with a name are an MCP server's: a tool with a schema or a description, a resource with an
    address, a prompt with arguments or a description.
    """
    for item in items:
        keys = item.value.keys()
        if item.kind == "tool" and keys & {"inputSchema", "input_schema", "description", "annotations", "outputSchema"}:
            return True
        if item.kind == "prompt" and keys & {"arguments", "description", "messages"}:
            return True
        if item.kind in ("resource", "template") and keys & {"uri", "uriTemplate"}:
            return True
    return False
