"""Who lives together: the servers of one client, or those whose offers were written down together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from posixpath import dirname

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.relation import RelationKind
from bartizan.rules.flow import Flows
from bartizan.rules.knownserver import KnownServer
from bartizan.rules.library import Library
from bartizan.rules.mcp import flow_facts, known_servers
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
    facts, known = flow_facts(library), known_servers(library)
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

    taken: set[str] = set()
    for key in sorted(inventory.assets):
        client = inventory.assets[key]
        if client.kind is not AssetKind.AGENT or key not in used:
            continue
        servers = tuple(
            inventory.assets[other]
            for other in sorted(used[key])
            if other in inventory.assets and not inventory.assets[other].properties.get("disabled")
        )
        parts: list[Part] = []
        for server in servers:
            source = server if exposed.get(server.id) else _listing_of(server, client, listings) or server
            taken.add(source.id)
            parts += parts_of(server, source)
        yield Household(client, client.location, servers, tuple(parts))
    for place, group, is_guessed in _together([listing for listing in listings if listing.id not in taken]):
        found = tuple(part for server in group for part in parts_of(server, server))
        yield Household(group[0], place, group, found, is_guessed)


def _is_listing(asset: Asset) -> bool:
    return asset.kind is AssetKind.MCP_SERVER and asset.properties.get("transport") == "listing"


def _listing_of(server: Asset, client: Asset, listings: list[Asset]) -> Asset | None:
    """What the configured server offers, where somebody wrote it down beside or below the configuration."""
    folder = dirname(client.location.path or "")
    for listing in listings:
        path = listing.location.path or ""
        stem = path.rpartition("/")[2].rpartition(".")[0]
        if server.name in (listing.name, stem) and (not folder or path.startswith(f"{folder}/")):
            return listing
    return None


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


def _parts(server: Asset, tools: list[Asset], facts: Flows, known: tuple[KnownServer, ...]) -> Iterator[Part]:
    """Tools as listed, held against what is known of the server by its package or address; without a list, that
    alone.
    """
    command = (
        str(server.properties.get("command", "")) + " " + " ".join(map(str, server.properties.get("environment", ())))
    )
    taken = {ability for rule in facts.narrowed if compiled(rule.pattern).search(command) for ability in rule.takes}
    table = _known_abilities(server, known)
    listed = [tool for tool in tools if tool.kind is AssetKind.MCP_TOOL]
    for tool in listed:
        abilities = frozenset(map(str, tool.properties.get("abilities", ()))) - taken
        if table is not None:
            abilities &= frozenset(table)
        if abilities:
            yield Part(server, tool.name, abilities)
    if not listed and table is not None and (abilities := frozenset(table) - taken):
        yield Part(server, "", abilities)


def _known_abilities(server: Asset, known: tuple[KnownServer, ...]) -> tuple[str, ...] | None:
    """What the packs say the server can do; None when they do not know it."""
    purl = str(server.properties.get("package", ""))
    kind, _, rest = purl.removeprefix("pkg:").partition("/")
    name = rest.replace("%40", "@", 1)
    name = name[: name.rindex("@")] if "@" in name[1:] else name
    host = str(server.properties.get("url", "")).partition("://")[2].partition("/")[0].partition(":")[0]
    words = {word.rpartition("/")[2] for word in str(server.properties.get("command", "")).split()}
    for candidate in known:
        packages = candidate.packages({"docker": "oci"}.get(kind, kind))
        if (name and name.lower() in packages) or (host and host in candidate.hosts):
            return candidate.abilities
        if not purl and words & {package.rpartition("/")[2] for package in (*candidate.npm, *candidate.pypi)}:
            return candidate.abilities
    return None
