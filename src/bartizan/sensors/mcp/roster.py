"""The servers that the owner approved, as the scope file names them; without such a list every server is welcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from bartizan.rules.entry import ServerEntry, server_address
from bartizan.rules.launch import Launch
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.replies import netloc


@dataclass(frozen=True, slots=True)
class Roster:
    """Each entry is a package (with or without its version), an address, a host, or the name that configurations give
    a server; `*` stands for anything.
    """

    approved: tuple[str, ...] = ()

    def entry_flaws(self, entry: ServerEntry, launch: Launch) -> Iterator[Flaw]:
        """A configured server that is not on the list."""
        names = [entry.name]
        for package in launch.packages:
            names += [package.name, *(f"{package.name}{sign}{package.version}" for sign in ("@", "==", ":"))]
        if entry.url is not None:
            names += _addresses(entry.url.text)
        if self.approved and not self._admits(names):
            yield Flaw("shadow-server", entry.way, f"{entry.name} is not among the approved servers", proof="shadow")

    def live_flaws(self, url: str) -> Iterator[Flaw]:
        """A server that answers and is not on the list; what it calls itself does not count."""
        if self.approved and not self._admits(_addresses(url)):
            yield Flaw("shadow-server", (), f"{server_address(url)} is not among the approved servers", proof="shadow")

    def _admits(self, names: list[str]) -> bool:
        return any(
            fnmatchcase(name.casefold(), approved.casefold().rstrip("/"))
            for approved in self.approved
            for name in names
        )


def _addresses(url: str) -> list[str]:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return [server_address(url).rstrip("/"), netloc(url), host]
