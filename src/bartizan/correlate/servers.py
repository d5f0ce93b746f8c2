"""One MCP server seen from several sides: the port that answers, the entry that starts it, the source it is made of."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.correlate.correlator import Known
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.inventory import Inventory
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation, RelationKind
from bartizan.rules.library import Library


def join_servers(inventory: Inventory, known: Known, library: Library) -> Iterator[Observation]:
    """Relations between a service and the MCP server that answers on its port, between an entry and the server whose
    source its command runs, and between a package's entry and its source.
    """
    servers = [asset for asset in inventory.assets.values() if asset.kind is AssetKind.MCP_SERVER]
    services = [asset for asset in inventory.assets.values() if asset.kind is AssetKind.AI_SERVICE]
    for server in sorted(servers, key=lambda asset: asset.id):
        ends = {(place.host, place.port) for place in server.places() if place.port is not None}
        for service in services:
            if (service.location.host, service.location.port) in ends:
                yield Relation(RelationKind.EXPOSES, service.id, server.id)
        for other in servers:
            if other.id != server.id and _is_source_of(other, server):
                yield Relation(RelationKind.DERIVES_FROM, server.id, other.id)


def _is_source_of(source: Asset, server: Asset) -> bool:
    """Whether the entry's command names the source's file, or its package is the source's."""
    if source.properties.get("transport") or not server.properties.get("command"):
        return False
    path = source.location.path or ""
    command = str(server.properties["command"])
    words = {word.removeprefix("./") for word in command.split()}
    if path and any(
        word == path or word.endswith("/" + path) or (len(word) > 4 and path.endswith("/" + word)) for word in words
    ):
        return True
    package = str(server.properties.get("package", "")).partition("/")[2].replace("%40", "@", 1)
    return bool(package) and str(source.properties.get("package", "")) == (
        package[: package.rindex("@")] if "@" in package[1:] else package
    )
