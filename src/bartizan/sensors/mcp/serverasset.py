"""The assets that a configuration names: servers and the packages they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.document import Document
from bartizan.model.location import Location
from bartizan.rules.entry import ServerEntry, entry_key, server_address
from bartizan.rules.launch import Launch, PackageReference
from bartizan.sensors.mcp.supply import purl

ON = frozenset(("1", "true", "yes", "on"))
"""Values of the environment that hide nothing and are told."""


def server_asset(document: Document, entry: ServerEntry, launch: Launch, secrets: Sequence[str]) -> Asset:
    """The server of an entry. A remote one is itself by its address, whoever names it; a local one by its place."""
    place = replace(document.at(*entry.way), record=entry.name)
    properties: dict[str, object] = {"transport": "stdio" if entry.argv else "http", "clients": [entry.client.id]}
    if entry.argv:
        properties["command"] = _redacted(" ".join(word.text for word in entry.argv), secrets)
        if launch.package is not None:
            properties["package"] = purl(launch.package)
    if entry.disabled:
        properties["disabled"] = True
    if entry.environment:
        properties["environment"] = sorted(name for name, _ in entry.environment)
        switches = sorted(name for name, word in entry.environment if word.text.strip().lower() in ON)
        if switches:
            properties["switches"] = switches
    if entry.url is not None:
        properties["url"] = server_address(entry.url.text)
    return Asset(AssetKind.MCP_SERVER, entry.name, place, properties, entry_key(document, entry))


def package_asset(package: PackageReference, place: Location) -> Asset | None:
    """The package that a launch names; none for what lies on this machine."""
    if package.ecosystem in ("local", "git", "url") or not package.name:
        return None
    properties = {"ecosystem": package.ecosystem, "purl": purl(package)}
    if package.version:
        properties["version"] = package.version
    return Asset(AssetKind.PACKAGE, package.name, place, properties, key=purl(package))


def _redacted(text: str, secrets: Sequence[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, f"{secret[:4]}…" if len(secret) >= 16 else "…")
    return text[:1000]
