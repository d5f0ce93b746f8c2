"""MCP servers that are known by name: their packages, what they can do, and which versions are bad."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from bartizan.model.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownServer:
    """One server.

    `npm`, `pypi` and `images` are its packages; `hosts` where its vendor runs it. `abilities` are what its tools
    can do (see `rules.ability`). `roots` marks servers whose plain arguments are folders that they open; names near
    those of a `watched` one are suspicious. One that `carries` does nothing itself: it is told which other one to run
    or to call.
    """

    id: str
    npm: tuple[str, ...] = ()
    pypi: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    abilities: tuple[str, ...] = ()
    roots: bool = False
    watched: bool = True
    carries: bool = False

    def packages(self, ecosystem: str) -> tuple[str, ...]:
        """Its package names in one ecosystem."""
        return {"npm": self.npm, "pypi": self.pypi, "oci": self.images}.get(ecosystem, ())


class Directory:
    """Known servers, found by what an entry runs or calls."""

    def __init__(self, servers: Iterable[KnownServer]) -> None:
        self._packages: dict[tuple[str, str], KnownServer] = {}
        self._names: dict[str, KnownServer] = {}
        self._hosts: dict[str, KnownServer] = {}
        for server in servers:
            for ecosystem in ("npm", "pypi", "oci"):
                for package in server.packages(ecosystem):
                    self._packages.setdefault((ecosystem, _normal(ecosystem, package)), server)
                    if ecosystem != "oci":
                        self._names.setdefault(package.rpartition("/")[2], server)
            for host in server.hosts:
                self._hosts.setdefault(host, server)

    def find(self, ecosystem: str, package: str, url: str, command: str) -> KnownServer | None:
        """The server of an entry, by its package, its address, or, where no package is known, by any word of its
        command; of one that carries another, that other, where the command names it.
        """
        found = self._packages.get((ecosystem, _normal(ecosystem, package))) if package else None
        found = found or self._hosts.get(_host(url))
        words = command.split()
        if found is None and not package:
            names = (self._names.get(word.rpartition("/")[2]) for word in words)
            found = next((server for server in names if server is not None), None)
        if found is not None and found.carries:
            return next((server for word in words if (server := self._carried(word)) is not None), None)
        return found

    def _carried(self, word: str) -> KnownServer | None:
        """The server, other than a carrier, that a word of a command line names."""
        if "://" in word:
            return self._hosts.get(_host(word))
        name = word[: word.rindex("@")] if "@" in word[1:] else word
        for ecosystem in ("npm", "pypi"):
            server = self._packages.get((ecosystem, _normal(ecosystem, name)))
            if server is not None and not server.carries:
                return server
        return None


def _normal(ecosystem: str, package: str) -> str:
    lowered = package.lower()
    return re.sub(r"[-_.]+", "-", lowered) if ecosystem == "pypi" else lowered


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0].lower()


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
