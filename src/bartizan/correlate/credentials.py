"""Which MCP servers a credential is handed to: both stand under the same server of the same configuration."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.correlate.correlator import Known
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation, RelationKind
from bartizan.rules.library import Library

Place = tuple[str | None, str | None, str | None, str | None, str]


def join_credentials(inventory: Inventory, known: Known, library: Library) -> Iterator[Observation]:
    """`mcp-server USES credential` for each credential found in a server's headers or environment."""
    servers: dict[Place, list[Asset]] = {}
    for asset in inventory.assets.values():
        if asset.kind is AssetKind.MCP_SERVER:
            for place in asset.places():
                servers.setdefault(_key(place, asset.name), []).append(asset)
    for asset in inventory.assets.values():
        if asset.kind is AssetKind.CREDENTIAL:
            for place in asset.places():
                for server in servers.get(_key(place, place.record or ""), ()):
                    yield Relation(RelationKind.USES, server.id, asset.id)


def _key(place: Location, name: str) -> Place:
    return place.target, place.path, place.member, place.commit, name
