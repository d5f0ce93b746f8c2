"""Asks a snapshot about products and packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.intel.advisory import Advisory, Component
from bartizan.intel.snapshot import Snapshot
from bartizan.intel.verdict import Release, Verdict, judge
from bartizan.intel.version import SCHEMES


@dataclass(frozen=True, slots=True)
class Match:
    """One advisory and what it says of one release."""

    advisory: Advisory
    verdict: Verdict


class Knowledge:
    """A snapshot with its names resolved: one product has many names and many packages."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._by_name: dict[str, Component] = {}
        self._by_package: dict[str, Component] = {}
        for component in snapshot.manifest.components:
            for name in (component.slug, *component.names):
                self._by_name.setdefault(name, component)
            for package in component.packages:
                self._by_package.setdefault(package, component)

    def product(self, slug: str, version: str, is_open: bool | None = None, foreign: str = "") -> list[Match]:
        """What concerns the product of that slug in that version (empty: not known)."""
        component = self._by_name.get(slug, Component(slug=slug))
        release = _release(component, version, is_open, foreign)
        return list(self._matches(release, _identities(component)))

    def package(self, ecosystem: str, name: str, version: str) -> list[Match]:
        """What concerns the package; `ecosystem` is the type of its purl, `name` in its normal form there."""
        identity = f"{ecosystem}:{name}"
        component = self._by_package.get(identity)
        if component is None:
            return list(self._matches(Release(version, SCHEMES.get(ecosystem, "semver")), (identity,)))
        return list(self._matches(_release(component, version, None, ""), _identities(component, identity)))

    def _matches(self, release: Release, identities: tuple[str, ...]) -> Iterator[Match]:
        concerned = {advisory.id: advisory for name in identities for advisory in self.snapshot.concerning(name)}
        for key in sorted(concerned):
            advisory = concerned[key]
            entries = [entry for entry in advisory.affected if entry.identity in identities]
            yield Match(advisory, judge(release, entries))


def _release(component: Component, version: str, is_open: bool | None, foreign: str) -> Release:
    return Release(version, component.scheme, component.split, component.same, is_open, foreign)


def _identities(component: Component, package: str = "") -> tuple[str, ...]:
    """The product's own identity with all its packages', or with that one package's."""
    return (f"product:{component.slug}", *((package,) if package else component.packages))
