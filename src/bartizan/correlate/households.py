"""Who lives together: the servers of one client, or those whose offers were written down together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from posixpath import dirname

from bartizan.correlate.listed import Configured, join_listings
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.relation import RelationKind
from bartizan.rules.flow import Flows
from bartizan.rules.knownserver import Directory
from bartizan.rules.library import Library
from bartizan.rules.mcp import flow_facts, known_servers
from bartizan.rules.toolfacts import spoken
from bartizan.syntax.pattern import compiled

MOST_LISTINGS = 12
"""Of one folder; more than that are a collection, and not what one client has."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One tool, or a server whose tools are not known, and what it can do."""

    server: Asset
    name: str
    abilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Household:
    """Servers that serve one model. `client` is its asset, or that of the first server where no client is known;
    `is_guessed` says that the listings merely lie in one folder.
    """

    client: Asset
    place: Location
    servers: tuple[Asset, ...]
    parts: tuple[Part, ...]
    is_guessed: bool = False


def households(inventory: Inventory, library: Library) -> Iterator[Household]:
    """Each client of the inventory with the servers that it uses, disabled ones left out; then listings that lie
    together.
    """
    facts, known = flow_facts(library), Directory(known_servers(library))
    used: dict[str, list[str]] = {}
    exposed: dict[str, list[str]] = {}
    for relation in inventory.relations.values():
        if relation.kind is RelationKind.USES:
            used.setdefault(relation.source, []).append(relation.target)
        elif relation.kind is RelationKind.EXPOSES:
            exposed.setdefault(relation.source, []).append(relation.target)
    listings = [asset for _, asset in sorted(inventory.assets.items()) if _is_listing(asset)]

    def parts_of(server: Asset, source: Asset) -> Iterator[Part]:
        tools = [inventory.assets[key] for key in sorted(exposed.get(source.id, ())) if key in inventory.assets]
        return _parts(server, tools, facts, known)

    clients: list[Configured] = []
    for key in sorted(inventory.assets):
        if inventory.assets[key].kind is AssetKind.AGENT and key in used:
            servers = tuple(inventory.assets[other] for other in sorted(used[key]) if other in inventory.assets)
            nameless = (server for server in servers if _known_abilities(server, known) is None)
            unknown = frozenset(server.id for server in nameless if not exposed.get(server.id))
            clients.append(Configured(inventory.assets[key], servers, unknown))
    joined = join_listings(clients, listings, facts.joining)
    for configured in clients:
        client = configured.client
        active = tuple(server for server in configured.servers if not server.properties.get("disabled"))
        parts: list[Part] = []
        for server in active:
            source = server if exposed.get(server.id) else joined.get((client.id, server.id), server)
            parts += parts_of(server, source)
        yield Household(client, client.location, active, tuple(parts))
    taken = {listing.id for listing in joined.values()}
    for place, group, is_guessed in _together([listing for listing in listings if listing.id not in taken]):
        found = tuple(part for server in group for part in parts_of(server, server))
        yield Household(group[0], place, group, found, is_guessed)


def _is_listing(asset: Asset) -> bool:
    return asset.kind is AssetKind.MCP_SERVER and asset.properties.get("transport") == "listing"


def _together(listings: list[Asset]) -> Iterator[tuple[Location, tuple[Asset, ...], bool]]:
    """Listings of several servers in one file, and files of one server each that share a folder."""
    files: dict[tuple[str, str], list[Asset]] = {}
    for listing in listings:
        files.setdefault((listing.location.path or "", listing.location.member or ""), []).append(listing)
    folders: dict[str, list[Asset]] = {}
    for (path, member), group in sorted(files.items()):
        if len(group) > 1:
            ordered = tuple(sorted(group, key=lambda asset: (asset.name, asset.id)))
            yield Location(path=path, member=member or None), ordered, False
        elif not member:
            folders.setdefault(dirname(path), []).extend(group)
    for _, group in sorted(folders.items()):
        if 2 <= len(group) <= MOST_LISTINGS and not _share_tools(group):
            ordered = tuple(sorted(group, key=lambda asset: (asset.name, asset.id)))
            yield replace(ordered[0].location, line=None, column=None, record=None), ordered, True


def _share_tools(listings: list[Asset]) -> bool:
    """Whether they look like one server, listed twice."""
    seen: set[str] = set()
    for listing in listings:
        offer = listing.properties.get("offer")
        tools = {str(key) for key in offer if str(key).startswith("tool/")} if isinstance(offer, dict) else set()
        if seen & tools:
            return True
        seen |= tools
    return False


def _parts(server: Asset, tools: list[Asset], facts: Flows, known: Directory) -> Iterator[Part]:
    """Tools as listed, held against what is known of the server by its package or address; without a list, that
    alone.
    """
    launch = _launch_text(server)
    taken = {ability for rule in facts.narrowed if compiled(rule.pattern).search(launch) for ability in rule.takes}
    table = _known_abilities(server, known)
    listed = [tool for tool in tools if tool.kind is AssetKind.MCP_TOOL]
    for tool in listed:
        abilities = frozenset(map(str, tool.properties.get("abilities", ()))) - taken
        if table is not None:
            abilities &= frozenset(table)
        if abilities:
            yield Part(server, tool.name, abilities)
    if not listed:
        expected = facts.trades.expected(_trade_words(server)) if table is None else frozenset(table)
        if abilities := expected - taken:
            yield Part(server, "", abilities)


def _launch_text(server: Asset) -> str:
    """The command, the variables of its environment, those that switch something on as `NAME=true`, and the address."""
    properties = server.properties
    names = [*properties.get("environment", ()), *(f"{name}=true" for name in properties.get("switches", ()))]
    return " ".join((str(properties.get("command", "")), *map(str, names), str(properties.get("url", ""))))


def _trade_words(server: Asset) -> frozenset[str]:
    """The words of the name of an entry's package, without its publisher."""
    return frozenset(spoken(_package(server)[1].rpartition("/")[2]).split())


def _known_abilities(server: Asset, known: Directory) -> tuple[str, ...] | None:
    """What the packs say the server can do; None when they do not know it."""
    url, command = str(server.properties.get("url", "")), str(server.properties.get("command", ""))
    found = known.find(*_package(server), url, command)
    return None if found is None else found.abilities


def _package(server: Asset) -> tuple[str, str]:
    """Ecosystem and name, in lower case, of the package that the entry names; empty where it names none."""
    purl = str(server.properties.get("package", ""))
    kind, _, rest = purl.removeprefix("pkg:").partition("/")
    name = rest.replace("%40", "@", 1).lower()
    return {"docker": "oci"}.get(kind, kind), name[: name.rindex("@")] if "@" in name[1:] else name
