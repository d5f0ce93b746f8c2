"""What servers offer, as written down: JSON dumps of `tools/list`, `prompts/list`, `resources/list` and their like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.document import Document, Keys
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.rules.mcp import offer_facts
from bartizan.sensors.mcp.judge import OfferJudge, offered
from bartizan.sensors.mcp.offer import LISTS, Item, Offer, looks_offered, read_items

LARGEST = 64 << 20
MARKS = (b'"tools"', b'"prompts"', b'"resources"', b'"resourceTemplates"', b'"inputSchema"', b'"input_schema"')


class Listings:
    """Recognises a listing by its shape, whatever the file is called."""

    kind: ClassVar[type[Any]] = Document

    def __init__(self, library: Library, settings: Settings) -> None:
        self.judge = OfferJudge(library.rules("mcp"), offer_facts(library))

    def wants(self, subject: Blob) -> bool:
        if not 12 <= subject.size <= LARGEST or subject.bytes(0, 64).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[
            :1
        ] not in (b"{", b"["):
            return False
        data = subject.bytes()
        words = (b'"name"', b"n\0a\0m\0e\0", b'"instructions"', b'"inputSchema"', b'"input_schema"')
        if not any(word in data for word in words):
            return False
        return any(mark in data or mark.decode().encode("utf-16-le") in data for mark in MARKS)

    def observe(self, subject: Document) -> Iterator[Observation]:
        if subject.syntax != "json":
            return
        offers = read_offers(subject)
        for offer in offers:
            record = offer.name if len(offers) > 1 else None
            base = replace(subject.at(*offer.way), record=record)
            server = Asset(
                AssetKind.MCP_SERVER,
                offer.name,
                base,
                {
                    "transport": "listing",
                    "version": offer.version or None,
                    "tools": len(offer.of_kind("tool")),
                    "offer": offered(offer),
                },
            )
            yield server

            def where(item: Item | None, way: Keys, offer: Offer = offer, record: str | None = record) -> Location:
                if item is None:
                    return replace(subject.at(*offer.instructions_way), record=record)
                return replace(subject.at(*item.way, *way), record=record or item.name)

            yield from self.judge.observe(offer, server, where)


def read_offers(document: Document) -> list[Offer]:
    """The servers whose offers the document holds.

    The lists stand at the top, under `result`, or in several such objects: a list of servers or of answers, an
    object of servers by name, or an object with a list of servers.
    """
    stem = document.blob.name.rpartition(".")[0] or document.blob.name or "listing"
    single = _holder(document.value, ())
    if single is not None:
        offer = _offer([single], document.value, stem)
        return [offer] if offer else []
    holders = list(_holders(document.value, (), 0))
    if len(holders) > 1 and all(not _name_of(holder, document.value, way) for way, holder in holders):
        merged = _offer(holders, document.value, stem)  # one server's answers, one after another
        kinds = [{item.kind for item in read_items(holder, way)} for way, holder in holders]
        if merged and sum(len(kind) for kind in kinds) == len(set().union(*kinds)):
            return [merged]
    return [
        offer
        for index, (way, holder) in enumerate(holders)
        if (offer := _offer([(way, holder)], document.value, f"{stem}-{index + 1}" if index else stem))
    ]


def _holder(value: Any, way: Keys) -> tuple[Keys, Any] | None:
    """The object that holds the lists, `value` itself or its `result`; or a bare list of tools."""
    if isinstance(value, list):
        return (way, value) if read_items(value) else None
    if not isinstance(value, dict):
        return None
    for inner_way, inner in ((way, value), ((*way, "result"), value.get("result"))):
        if isinstance(inner, dict):
            items = read_items(inner)
            if (items and looks_offered(items)) or (not items and _only_instructs(inner)):
                return inner_way, inner
    return None


def _only_instructs(holder: dict[str, Any]) -> bool:
    """Whether it is a server's answer that holds its instructions: of `initialize`, or lists with nothing in them."""
    lists = [holder[key] for key in LISTS if key in holder]
    greets = "serverInfo" in holder and ("protocolVersion" in holder or "capabilities" in holder)
    bare = bool(lists) and not any(lists) and "model" not in holder
    return isinstance(holder.get("instructions"), str) and (greets or bare)


def _holders(value: Any, way: Keys, depth: int) -> Iterator[tuple[Keys, Any]]:
    found = _holder(value, way)
    if found is not None:
        yield found
    elif depth < 3 and isinstance(value, list):
        for index, inner in enumerate(value[:2000]):
            yield from _holders(inner, (*way, index), depth + 1)
    elif depth < 3 and isinstance(value, dict):
        for key, inner in list(value.items())[:2000]:
            if isinstance(inner, dict | list):
                yield from _holders(inner, (*way, key), depth + 1)


def _offer(holders: list[tuple[Keys, Any]], root: Any, fallback: str) -> Offer | None:
    items = tuple(item for way, holder in holders for item in read_items(holder, way))
    way, holder = holders[0]
    instructions_way: Keys = next(
        (
            (*place, name)
            for place in (way, way[:-1])
            for name in ("instructions", "serverInstructions")
            if isinstance(_at(root, (*place, name)), str)
        ),
        (),
    )
    instructions = str(_at(root, instructions_way)) if instructions_way else ""
    version = next(
        (str(found) for place in (way, way[:-1]) if (found := _at(root, (*place, "serverInfo", "version")))), ""
    )
    if not items and not instructions:
        return None
    name = _name_of(holder, root, way) or fallback
    return Offer(name, items, version, instructions, way, instructions_way)


def _name_of(holder: Any, root: Any, way: Keys) -> str:
    outer = _at(root, way[:-1]) if way and way[-1] == "result" else None
    for part in (holder, outer):
        if not isinstance(part, dict):
            continue
        for key in ("serverInfo", "server"):
            info = part.get(key)
            if isinstance(info, dict) and isinstance(info.get("name"), str):
                return str(info["name"])
        for key in ("server", "serverName", "server_name", "name"):
            if isinstance(part.get(key), str) and part[key]:
                return str(part[key])
    keys = [step for step in way if isinstance(step, str) and step not in ("result", "servers", "mcpServers", "offers")]
    return keys[-1] if keys else ""


def _at(value: Any, way: Keys) -> Any:
    for step in way:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
