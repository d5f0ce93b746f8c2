"""Servers that changed since they were last seen."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.correlate.correlator import Known
from bartizan.correlate.offers import Change, OfferComparer
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence
from bartizan.model.identity import digest
from bartizan.model.inventory import Inventory
from bartizan.model.observation import Observation
from bartizan.rules.library import Library
from bartizan.rules.mcp import offer_facts


def compare_offers(inventory: Inventory, known: Known, library: Library) -> Iterator[Observation]:
    """A finding for each item of a server that is not what the last scan saw. A server seen for the first time,
    or whose offer was not looked at, says nothing.
    """
    rules = library.rules("mcp")
    comparer: OfferComparer | None = None
    for key in sorted(inventory.assets):
        server = inventory.assets[key]
        offer = server.properties.get("offer")
        if server.kind is not AssetKind.MCP_SERVER or not isinstance(offer, dict):
            continue
        before = known.asset(key)
        earlier = before.properties.get("offer") if before is not None else None
        if not isinstance(earlier, dict) or earlier == offer:
            continue
        comparer = comparer or OfferComparer(offer_facts(library))
        for change in comparer.changes(earlier, offer):
            asset = _owner(inventory, server, change)
            yield rules[change.rule].finding(
                asset.id,
                asset.location,
                Evidence("diff", f"{change.name} was {change.how}: {change.meaning}, {change.why}", change.diff),
                title=f"{rules[change.rule].title} ({change.meaning})",
                severity=change.severity,
                proof=digest(change.item, change.diff),
            )


def _owner(inventory: Inventory, server: Asset, change: Change) -> Asset:
    """The tool that changed, where there still is one; else its server."""
    if change.kind == "tool":
        return inventory.assets.get(
            Asset(AssetKind.MCP_TOOL, "", key=digest("mcp-tool", server.id, change.name)).id, server
        )
    return server
