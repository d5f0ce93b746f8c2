"""MCP servers that are known by name: their packages, what they can do, and which versions are bad."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from bartizan.model.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownServer:
    """One server.

    `npm`, `pypi` and `images` are its packages; `hosts` where its vendor runs it. `abilities` are what its tools
    can do (see `rules.ability`). `roots` marks servers whose plain arguments are folders that they open.
    """

    id: str
    npm: tuple[str, ...] = ()
    pypi: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    abilities: tuple[str, ...] = ()
    roots: bool = False

    def packages(self, ecosystem: str) -> tuple[str, ...]:
        """Its package names in one ecosystem."""
        return {"npm": self.npm, "pypi": self.pypi, "oci": self.images}.get(ecosystem, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class BadVersion:
    """Versions of a package not to be run: from `since` (or the first) up to but not including `fixed`."""

    ecosystem: str
    package: str
    advisory: str
    what: str
    severity: Severity
    since: str = "0"
    fixed: str = ""
    malicious: bool = False

    def covers(self, version: str) -> bool:
        """Whether that version is bad; a version that cannot be read is not."""
        try:
            asked = Version(version.partition("-")[0])
            return asked >= Version(self.since) and (not self.fixed or asked < Version(self.fixed))
        except InvalidVersion:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """`honest` are names that lie near a known one and are its publisher's, or another's well-known, work."""

    honest: tuple[str, ...] = ()
