"""Turns dependencies into assets, and says which of them are bad, mistaken or loosely asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.rules.library import Library
from bartizan.rules.package import BadRelease, PackageRule, PackageSheet, Sdk
from bartizan.sensors.packages.dependency import Dependency
from bartizan.sensors.packages.imitation import Vocabulary


class Intake:
    """What the rules of the domain know, ready for one dependency after the other."""

    def __init__(self, library: Library) -> None:
        sheets = library.sheets(PackageSheet)
        self.rules: dict[str, PackageRule] = {rule.id: rule for sheet in sheets for rule in sheet.rules}
        self.bad: dict[str, list[BadRelease]] = {}
        for release in (release for sheet in sheets for release in sheet.releases):
            self.bad.setdefault(release.name, []).append(release)
        self.sdks: dict[str, Sdk] = {name: sdk for sheet in sheets for sdk in sheet.sdks for name in sdk.packages}
        self.names = {names.ecosystem: Vocabulary.of(names) for sheet in sheets for names in sheet.names}

    def asset(self, dependency: Dependency, place: Location) -> Asset:
        """The package as an asset, with what a bill of materials wants to know of it."""
        given: dict[str, str | list[str]] = {
            "version": dependency.version,
            "license": dependency.licence,
            "constraint": "" if dependency.version else dependency.constraint,
            "url": _without_secret(dependency.url),
            "digests": list(dependency.digests),
        }
        properties: dict[str, Any] = {"ecosystem": dependency.ecosystem, "purl": dependency.purl}
        properties |= {name: value for name, value in given.items() if value}
        hashes = [digest.partition(":")[2] for digest in dependency.digests if digest.startswith("sha256:")]
        if len(hashes) == 1:
            properties["sha256"] = hashes[0]
        if dependency.installed:
            properties["installed"] = True
        if dependency.direct:
            properties["direct"] = True
        if (sdk := self.sdks.get(dependency.identity)) is not None:
            properties |= {"sdk": sdk.slug, "role": sdk.role}
        return Asset(AssetKind.PACKAGE, dependency.name, place, properties, key=dependency.purl)

    def findings(self, dependency: Dependency, asset: Asset, *, private: bool = False) -> Iterator[Observation]:
        """Malicious releases, imitations and inventions. `private` says that another index answers for the list."""
        for release in self.bad.get(dependency.identity, ()):
            if not release.versions or dependency.version in release.versions:
                label = f"{dependency.name} {dependency.version}".strip()
                when = f" ({release.when})" if release.when else ""
                yield self.rules["packages/malicious-release"].finding(
                    asset.id,
                    asset.location,
                    Evidence("text", f"{label}: {release.what}{when}"),
                    title=f"Known malicious release: {label}",
                )
                return
        vocabulary = self.names.get(dependency.ecosystem)
        if vocabulary is None or dependency.url:
            return
        if meant := vocabulary.imitated(dependency.name):
            yield self.rules["packages/typosquat"].finding(
                asset.id,
                asset.location,
                Evidence("text", f"{dependency.name} is not {meant}"),
                title=f"{dependency.name} imitates {meant}",
                remediation=f"Write {meant}; if {dependency.name} was ever installed, change the machine's keys.",
            )
        elif not private and (brand := vocabulary.invention_of(dependency.name)):
            yield self.rules["packages/hallucinated-name"].finding(
                asset.id,
                asset.location,
                Evidence("text", f"no package {dependency.name} is known; it has the shape of an invented name"),
                title=f"{dependency.name} looks like an invented name for {brand}",
            )


def _without_secret(address: str) -> str:
    """The address without user, password and query."""
    scheme, separator, rest = address.partition("://")
    if not separator:
        return address[:500]
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path.partition('?')[0]}"[:500]
