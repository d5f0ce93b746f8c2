"""Live MCP servers: what they offer, who may reach it, and how carefully they answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.document import Keys
from bartizan.model.errors import NetworkError
from bartizan.model.finding import Evidence
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.session import ServerSession, Session
from bartizan.model.settings import Settings
from bartizan.rules.entry import server_address
from bartizan.rules.library import Library
from bartizan.rules.mcp import offer_facts
from bartizan.sensors.mcp.access import access_flaws
from bartizan.sensors.mcp.authorization import authorization_flaws
from bartizan.sensors.mcp.canaries import canary_flaws
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.judge import OfferJudge, offered
from bartizan.sensors.mcp.offer import LISTS, Item, Offer, read_items
from bartizan.sensors.mcp.roster import Roster
from bartizan.sensors.mcp.sessions import session_flaws

MOST_PAGES = 50
METHODS = {
    "tools": "tools/list",
    "prompts": "prompts/list",
    "resources": "resources/list",
    "resourceTemplates": "resources/templates/list",
}


class Servers:
    """Opens each session, lists what it offers, and asks what a stranger would ask."""

    kind: ClassVar[type[Any]] = Session

    def __init__(self, library: Library, settings: Settings) -> None:
        self.rules = library.rules("mcp")
        self.judge = OfferJudge(self.rules, offer_facts(library))
        self.roster = Roster(settings.approved_servers)
        self.safe_tools = settings.safe_tools

    def wants(self, subject: Session) -> bool:
        return subject.protocol == "mcp"

    def observe(self, subject: ServerSession) -> Iterator[Observation]:
        if not subject.open():
            return
        notes: list[Coverage] = []
        offer = self._offer(subject, notes) if subject.challenge is None else None
        if offer is not None and subject.challenge is not None and not offer.items:
            offer = None  # it greets everybody and shows the signed-in what it has
        server = self._server(subject, offer)
        yield server
        yield from notes
        flaws: list[Flaw] = []
        if offer is not None:
            yield from self.judge.observe(offer, server, _where(subject))
            yield Coverage(Outcome.CHECKED, str(subject.location), sensor="mcp/servers")
        if subject.transport != "stdio":
            abilities = self._abilities(offer) if offer else frozenset()
            flaws += access_flaws(subject, offer, abilities, self.judge.facts.tools)
            flaws += authorization_flaws(subject)
            flaws += session_flaws(subject, offer, self.judge.facts.tools)
            flaws += self.roster.live_flaws(subject.url)
        if offer is not None and self.safe_tools:
            flaws += canary_flaws(subject, offer, self.judge.texts, self.safe_tools)
        flaws += [Flaw("malformed-messages", (), f"the server {what}", proof=what) for what in subject.oddities]
        for flaw in flaws:
            yield self.rules[f"mcp/{flaw.rule}"].finding(
                server.id,
                subject.location,
                Evidence("exchange" if flaw.detail else "text", flaw.summary, flaw.detail, subject.location),
                severity=flaw.severity,
                confidence=flaw.confidence,
                remediation=flaw.remediation,
                proof=flaw.proof or flaw.summary,
            )

    def _offer(self, session: ServerSession, notes: list[Coverage]) -> Offer:
        """List all that the server says it has; what cannot be listed is said."""
        lists: dict[str, Any] = {}
        claims = session.greeting.get("capabilities")
        claims = claims if isinstance(claims, dict) else {}
        for key, method in METHODS.items():
            if (
                key != "tools"
                and key.removesuffix("Templates").rstrip("s") + "s" not in claims
                and "resources" not in claims
            ):
                continue
            if key == "prompts" and "prompts" not in claims:
                continue
            try:
                lists[key] = list(_pages(session, key, method))
            except NetworkError as error:
                if session.challenge is not None:
                    break
                if key in claims:
                    what = f"{method}: {error.what}"
                    if session.transport == "stdio":
                        what = f"{session.name}: {what}"
                    notes.append(Coverage(Outcome.FAILED, str(session.location), what, "mcp/servers"))
        return read_offer(session.greeting, lists, session.name)

    def _abilities(self, offer: Offer) -> frozenset[str]:
        return frozenset(ability for item in offer.of_kind("tool") for ability in self.judge.abilities(item))

    def _server(self, session: ServerSession, offer: Offer | None) -> Asset:
        properties: dict[str, object] = {"transport": session.transport, "era": session.era or None}
        if session.transport != "stdio":
            properties["url"] = server_address(session.url)
            properties["access"] = (
                "open" if offer is not None and offer.items else "token" if offer is None else "unknown"
            )
        name = session.name or session.url
        if offer is not None:
            name = session.name or offer.name or session.url
            properties |= {
                "version": offer.version or None,
                "tools": len(offer.of_kind("tool")),
                "offer": offered(offer),
                "protocol": session.greeting.get("protocolVersion") or session.greeting.get("supportedVersions"),
            }
        key = session.server_key
        if not key and session.transport != "stdio":
            key = f"mcp-server|{server_address(session.url)}"
        return Asset(AssetKind.MCP_SERVER, name, session.location, properties, key)


def _pages(session: ServerSession, key: str, method: str) -> Iterator[Any]:
    """Every item of a list, page by page. Raises NetworkError."""
    cursor, seen = "", set()
    for _ in range(MOST_PAGES):
        result = session.call(method, {"cursor": cursor} if cursor else {})
        items = result.get(key) if isinstance(result, dict) else None
        if not isinstance(items, list):
            raise NetworkError("the answer holds no list")
        yield from items
        cursor = result.get("nextCursor") or ""
        if not isinstance(cursor, str) or not cursor or cursor in seen:
            return
        seen.add(cursor)


def read_offer(greeting: Mapping[str, Any], lists: Mapping[str, Any], name: str = "") -> Offer:
    """What the greeting and the lists of a live server say, as an offer."""
    info = greeting.get("serverInfo")
    if not isinstance(info, dict):
        meta = greeting.get("_meta")
        info = meta.get("io.modelcontextprotocol/serverInfo", {}) if isinstance(meta, dict) else {}
    info = info if isinstance(info, dict) else {}
    instructions = greeting.get("instructions")
    return Offer(
        name or str(info.get("name", "")),
        read_items({key: lists[key] for key in LISTS if key in lists}),
        str(info.get("version", "")),
        instructions if isinstance(instructions, str) else "",
    )


def _where(session: ServerSession) -> Any:
    def where(item: Item | None, way: Keys) -> Location:
        if item is None or session.transport == "stdio":
            return session.location
        return replace(session.location, record=item.name)

    return where
