"""Which written-down list of tools belongs to which configured server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bartizan.model.asset import Asset
from bartizan.rules.flow import Joining
from bartizan.rules.toolfacts import spoken

SAME, CALLED, WITHIN = 3, 2, 1
"""How well names agree: the entry's own name; what it runs or calls; all words of the one stand in the other."""
MOST_REMAINING = 6
"""Servers and lists of other names that are still held to belong together, where there are as many of both."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A client with its servers, those that are switched off included. `unknown` are the ids of those of which
    nothing says what they can do.
    """

    client: Asset
    servers: tuple[Asset, ...]
    unknown: frozenset[str]


def join_listings(
    clients: Sequence[Configured], listings: Sequence[Asset], joining: Joining
) -> dict[tuple[str, str], Asset]:
    """The list of each configured server by the ids of client and server.

    A list belongs to a configuration when it lies beside or below the folder that the configuration is for (a
    project, a home). Names decide, the best agreement first and the nearest file among equals; what then remains of
    both belongs together where there are as many servers as lists.
    """
    joined: dict[tuple[str, str], Asset] = {}
    labels = {listing.id: _listing_names(listing, listings, joining) for listing in listings}
    homes = {configured.client.id: _home(configured.client, joining) for configured in clients}
    near = {key: _near(home, listings, homes.values(), joining) for key, home in homes.items()}
    for configured in clients:
        around = _near(_widened(homes[configured.client.id], homes.values()), listings, homes.values(), joining)
        joined.update(_by_name(configured, around, labels, joining))
    used = {listing.id for listing in joined.values()}
    for configured in clients:
        key = configured.client.id
        unknown = (server for server in configured.servers if server.id in configured.unknown)
        left = [server for server in unknown if (key, server.id) not in joined]
        free = [listing for listing in near[key] if listing.id not in used]
        if len(left) == len(free) <= MOST_REMAINING:
            joined.update(((key, server.id), listing) for server, listing in zip(left, free, strict=True))
    return joined


def _by_name(
    configured: Configured, near: Sequence[Asset], labels: Mapping[str, frozenset[frozenset[str]]], joining: Joining
) -> Iterator[tuple[tuple[str, str], Asset]]:
    """Pairs of one client, each server and each list at most once."""
    choices = sorted(
        (-agreement, listing.location.path.count("/") if listing.location.path else 0, server.id, position)
        for server in configured.servers
        for position, listing in enumerate(near)
        if (agreement := _agreement(server, labels[listing.id], joining))
    )
    servers, lists = set(), set()
    for _, _, server, position in choices:
        if server not in servers and position not in lists:
            servers.add(server)
            lists.add(position)
            yield (configured.client.id, server), near[position]


def _agreement(server: Asset, names: frozenset[frozenset[str]], joining: Joining) -> int:
    own = _words(server.name, joining)
    if own in names:
        return SAME
    called = list(_called(server, joining))
    if any(name in names for name in called):
        return CALLED
    mine = [words for words in (own, *called) if _tells(words)]
    return WITHIN if any(one <= other or other <= one for one in mine for other in names if _tells(other)) else 0


def _tells(words: frozenset[str]) -> bool:
    return any(len(word) > 2 for word in words)


def _called(server: Asset, joining: Joining) -> Iterator[frozenset[str]]:
    """What the entry runs or calls: its package, the program and its folder, the first part of its host."""
    package = str(server.properties.get("package", "")).partition("/")[2].replace("%40", "@", 1)
    texts = [package.rpartition("/")[2].partition("@")[0].partition(":")[0]]
    for word in str(server.properties.get("command", "")).split():
        if not word.startswith("-") and "://" not in word:
            folder, _, name = word.replace("\\", "/").rpartition("/")
            texts += [_FILE.sub("", name), folder.rpartition("/")[2]]
    host, _, way = str(server.properties.get("url", "")).partition("://")[2].partition("/")
    texts += [host.partition(".")[0], *way.split("/")]
    for text in texts:
        words = _words(text.partition("@")[0], joining)
        if words:
            yield words


def _listing_names(listing: Asset, listings: Iterable[Asset], joining: Joining) -> frozenset[frozenset[str]]:
    """What a list may be called: its own name, and where it has a file for itself, that of the file or of the folder
    whose file merely says what it is.
    """
    names = [_words(listing.name, joining)]
    path = listing.location.path or ""
    if sum(other.location.path == path for other in listings) == 1:
        folder, _, file = path.rpartition("/")
        own = _words(file.rpartition(".")[0], joining)
        names.append(own or _words(folder.rpartition("/")[2], joining))
    return frozenset(words for words in names if words)


def _words(name: str, joining: Joining) -> frozenset[str]:
    return _plain_words(name, joining.filler)


@lru_cache(maxsize=4096)
def _plain_words(name: str, filler: tuple[str, ...]) -> frozenset[str]:
    """A name's words without those that any such name may have."""
    return frozenset(word for word in spoken(name).split() if word not in filler)


def _near(home: str, listings: Sequence[Asset], homes: Iterable[str], joining: Joining) -> list[Asset]:
    """Lists in the folder that the configuration is for, or a few levels below and not in another one's folder."""
    others = tuple({other for other in homes if other.startswith(home) and other != home})
    near = []
    for listing in listings:
        path = listing.location.path or ""
        inside = path[len(home) :]
        if path.startswith(home) and inside.count("/") <= joining.deepest and not path.startswith(others):
            near.append(listing)
    return near


def _home(client: Asset, joining: Joining) -> str:
    """The project or home folder, with a slash at its end; empty for the root of the target."""
    parts = (client.location.path or "").split("/")[:-1]
    marked = [position for position, part in enumerate(parts) if _holds_settings(part, joining)]
    if marked:
        first = marked[-1]
        while first and _holds_settings(parts[first - 1], joining):
            first -= 1
        parts = parts[:first]
    return "".join(f"{part}/" for part in parts)


def _holds_settings(folder: str, joining: Joining) -> bool:
    return folder.startswith(".") or folder in joining.settings_folders


def _widened(home: str, homes: Iterable[str]) -> str:
    """The folder around it, up to two levels, as long as no other configuration lies there."""
    others = [other for other in homes if not other.startswith(home)]
    for _ in range(2):
        outer = home.rstrip("/").rpartition("/")[0]
        outer = f"{outer}/" if outer else ""
        if any(other.startswith(outer) for other in others):
            break
        home = outer
    return home


_FILE = re.compile(r"\.(?:[cm]?[jt]sx?|py|sh|exe|jar|rb|go|cmd|bat)$", re.IGNORECASE)
