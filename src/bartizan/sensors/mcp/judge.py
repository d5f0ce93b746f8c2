"""Judges all that one server offers, whether it was listed in a file or by the server itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.document import Keys
from bartizan.model.finding import Evidence
from bartizan.model.identity import canonical, digest
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.rule import Rule
from bartizan.rules.mcp import OfferFacts
from bartizan.rules.wording import Passage
from bartizan.sensors.mcp.asked import asked_flaws
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.hints import hint_flaws, resource_flaws, schema_flaws
from bartizan.sensors.mcp.offer import Item, Offer
from bartizan.sensors.mcp.texts import TextJudge, default_flaws, name_flaws

Where = Callable[[Item | None, Keys], Location]
"""The place of a value of an item, or of the server's instructions for None."""
MAX_KEPT = 60_000
"""Characters of one item's definition that are kept for comparing; longer ones are known by digest alone."""


@dataclass(slots=True)
class OfferJudge:
    """Made once for each worker."""

    rules: dict[str, Rule]
    facts: OfferFacts
    texts: TextJudge = field(init=False)

    def __post_init__(self) -> None:
        self.texts = TextJudge(self.facts)

    def observe(self, offer: Offer, server: Asset, where: Where) -> Iterator[Observation]:
        """The tools as assets, their relation to the server, and what is wrong with each item."""
        names = offer.tool_names
        if offer.instructions:
            texts = [((), Passage("/instructions", offer.instructions))]
            for flaw in self.texts.judge("instructions", texts, names, len(offer.items)):
                yield self._finding(flaw, server.id, where(None, flaw.way))
        for item in offer.items:
            owner = server.id
            if item.kind == "tool":
                tool = self.tool_asset(item, server, where(item, ()))
                owner = tool.id
                yield tool
                yield Relation(RelationKind.EXPOSES, server.id, tool.id)
            for flaw in self._flaws(item, offer, listed=server.properties.get("transport") == "listing"):
                yield self._finding(flaw, owner, where(item, flaw.way))

    def _flaws(self, item: Item, offer: Offer, listed: bool) -> Iterator[Flaw]:
        texts = item.passages()
        yield from name_flaws(item)
        own = (*offer.tool_names, *(f"{name}=" for name in item.parameters), f"{item.name}()")
        steering = list(self.texts.judge(item.kind, texts, own, len(offer.items)))
        yield from steering
        if item.kind == "tool":
            if not steering:
                yield from asked_flaws(item, self.facts.tools)
            yield from default_flaws(item, self.facts.tools)
            yield from hint_flaws(item, self.facts.tools)
            yield from schema_flaws(item, texts, self.facts.tools)
        elif item.kind in ("resource", "template"):
            yield from resource_flaws(item, self.facts.tools, listed)

    def _finding(self, flaw: Flaw, asset: str, place: Location) -> Observation:
        return self.rules[f"mcp/{flaw.rule}"].finding(
            asset,
            place,
            Evidence("text", flaw.summary, flaw.detail, place),
            severity=flaw.severity,
            confidence=flaw.confidence,
            remediation=flaw.remediation,
            proof=flaw.proof or flaw.summary,
        )

    def tool_asset(self, item: Item, server: Asset, place: Location) -> Asset:
        """The tool as an asset: what it can do and what it was when last seen."""
        hints = {key: value for key, value in item.hints.items() if isinstance(value, bool)}
        able = self.abilities(item)
        properties: dict[str, object] = {
            "server": server.name,
            "abilities": sorted(able),
            "parameters": sorted(str(name) for name in item.parameters),
        }
        if hints:
            properties["annotations"] = hints
        return Asset(AssetKind.MCP_TOOL, item.name, place, properties, key=digest("mcp-tool", server.id, item.name))

    def abilities(self, item: Item) -> frozenset[str]:
        """What the tool can do, by its name, texts and schema."""
        return self.facts.abilities.of(item.name, item.description, [str(name) for name in item.parameters], item.hints)


def offered(offer: Offer) -> dict[str, str]:
    """What the server offers, item by item, as canonical JSON: the material of pins.

    Keys are `tool/name`, `prompt/name`, `resource/uri`, `template/uri` and `instructions`. Line ends and blanks at
    the ends of lines do not count; order and key order cannot.
    """
    table: dict[str, str] = {}
    if offer.instructions:
        table["instructions"] = _kept(str(_settled(offer.instructions)))
    for item in offer.items:
        name = str(item.value.get("uri") or item.value.get("uriTemplate") or item.name)
        table[f"{item.kind}/{name}"] = _kept(canonical(_settled(dict(item.value))))
    return table


def _kept(text: str) -> str:
    return text if len(text) <= MAX_KEPT else f"digest {digest(text)}"


def _settled(value: object) -> object:
    """The value without what is no change: line ends, blanks at line ends, transport and cache fields."""
    if isinstance(value, str):
        return "\n".join(line.rstrip() for line in value.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    if isinstance(value, dict):
        return {str(key): _settled(inner) for key, inner in value.items() if key not in ("_meta", "ttlMs")}
    if isinstance(value, list):
        return [_settled(inner) for inner in value]
    return value
