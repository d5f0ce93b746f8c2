"""The assets that a configuration names: servers and the packages they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.document import Document
from bartizan.model.location import Location
from bartizan.rules.entry import ServerEntry
from bartizan.rules.launch import Launch, PackageReference
from bartizan.sensors.mcp.supply import purl


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
    key = ""
    if entry.url is not None:
        address = server_address(entry.url.text)
        properties["url"] = address
        key = f"mcp-server|{address}" if not entry.argv and "$" not in address else ""
    if not key and len(entry.way) > 2:  # the same name in another table of the same file is another server
        key = "|".join(("mcp-server", *place.place(), *(str(step) for step in entry.way)))
    return Asset(AssetKind.MCP_SERVER, entry.name, place, properties, key)


def server_address(url: str) -> str:
    """An address as servers are told apart by it: no user, query or fragment, lower-case host, no default port."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url.partition("?")[0]
    host = f"[{host}]" if ":" in host else host
    host = "127.0.0.1" if host == "localhost" else host
    if port is not None and port != {"http": 80, "https": 443}.get(parts.scheme.lower()):
        host += f":{port}"
    return urlunsplit((parts.scheme.lower(), host, parts.path.rstrip("/"), "", ""))


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
