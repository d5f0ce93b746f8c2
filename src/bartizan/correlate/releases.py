"""Releases that the packs know to be bad, among those that MCP servers are started from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bartizan.correlate.correlator import Known
from bartizan.correlate.vulnerabilities import read_purl
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.relation import RelationKind
from bartizan.model.severity import Confidence
from bartizan.rules.knownserver import BadVersion
from bartizan.rules.library import Library
from bartizan.rules.mcp import bad_versions

Spot = tuple[str | None, str | None, int | None]


def find_bad_releases(inventory: Inventory, known: Known, library: Library) -> Iterator[Observation]:
    """A finding for each bad release at each place that starts it. Where the intelligence snapshot has spoken of the
    same advisory at the same place, that is enough: one weakness at one place is one finding.
    """
    rule = library.rules("mcp")["mcp/vulnerable-package"]
    told = {
        (name, _spot(found.location))
        for found in inventory.findings.values()
        if found.rule.startswith("vuln/")
        for name in found.references
    }
    table = bad_versions(library)
    for package, servers in _started(inventory):
        for bad in table:
            what, remediation = _judge(package, bad)
            if not what:
                continue
            for place in package.places():
                if (bad.advisory, _spot(place)) in told:
                    continue
                owner = next((server for server in servers if server.location.path == place.path), servers[0])
                here = replace(place, record=owner.name)
                yield rule.finding(
                    owner.id,
                    here,
                    Evidence("text", what, location=here),
                    severity=bad.severity,
                    confidence=Confidence.CERTAIN if package.properties.get("version") else None,
                    remediation=remediation,
                    proof=f"{bad.package}|{bad.advisory}",
                )


def _started(inventory: Inventory) -> Iterator[tuple[Asset, list[Asset]]]:
    """Packages with the servers that are started from them."""
    loaders: dict[str, list[Asset]] = {}
    for key in sorted(inventory.relations):
        relation = inventory.relations[key]
        server = inventory.assets.get(relation.source)
        if relation.kind is RelationKind.LOADS and server is not None and server.kind is AssetKind.MCP_SERVER:
            loaders.setdefault(relation.target, []).append(server)
    for key, servers in sorted(loaders.items()):
        package = inventory.assets.get(key)
        if package is not None and package.kind is AssetKind.PACKAGE:
            yield package, servers


def _judge(package: Asset, bad: BadVersion) -> tuple[str, str]:
    """What is wrong with the package and what to do; empty where the entry does not speak of it."""
    ecosystem, name, version = read_purl(str(package.properties.get("purl", "")))
    if (ecosystem, name.lower()) != (bad.ecosystem, bad.package):
        return "", ""
    if version and bad.covers(version):
        upgrade = f"Upgrade to {bad.package} {bad.fixed} or later." if bad.fixed else "Remove it."
        return f"{bad.package} {version}: {bad.advisory}, {bad.what}", upgrade
    if bad.malicious and not version:
        what = f"{bad.package} has malicious releases ({bad.what}), and no version is named"
        return what, "Remove it and treat what it could reach as compromised."
    return "", ""


def _spot(place: Location) -> Spot:
    return place.path, place.member, place.line
