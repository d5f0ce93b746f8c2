"""AI clients as data: where each keeps its configuration, and how that names the MCP servers it starts or calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase, translate

from bartizan.model.rule import Rule


class Level(StrEnum):
    """Whose configuration a file is: a person's, a project's (travels with the repository), the machine owner's."""

    USER = "user"
    PROJECT = "project"
    MANAGED = "managed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Under which keys an entry keeps each part of a server's launch; the first one present counts."""

    command: tuple[str, ...] = ("command",)
    arguments: tuple[str, ...] = ("args",)
    environment: tuple[str, ...] = ("env",)
    url: tuple[str, ...] = ("url",)
    headers: tuple[str, ...] = ("headers",)
    transport: tuple[str, ...] = ("type", "transport")
    approved: tuple[str, ...] = ()
    """Lists of tools that run unasked, or a switch that trusts all of them."""
    disabled: tuple[str, ...] = ("disabled",)
    enabled: tuple[str, ...] = ("enabled",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """One configuration file of a client.

    Paths are globs with `/`, beginning with `~/` (home) or `%NAME%/` (a Windows folder) for a person's file, or
    relative to the project's root. `any` holds on every system. `servers` are the ways to the tables (or lists) of
    servers, parts joined with `.`, `*` for any key; a key that itself has a dot is written with `\\.`. The empty
    way is the whole document.
    """

    level: Level = Level.USER
    any: tuple[str, ...] = ()
    linux: tuple[str, ...] = ()
    macos: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()

    def paths(self, system: str = "") -> tuple[str, ...]:
        """Globs for one system (`linux`, `macos`, `windows`), or for all of them."""
        if system:
            own: tuple[str, ...] = getattr(self, system)
            return (*self.any, *own)
        return (*self.any, *self.linux, *self.macos, *self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One program that lets a model use MCP servers.

    `reference` shows how it names an environment variable in place of a value (empty where it cannot).
    The category `package` is no client's: such files say how a server would be started.
    `built_in` lists what its own tools can do (`untrusted private external write execute`), for flows.
    """

    id: str
    title: str
    category: str
    files: tuple[ConfigFile, ...]
    fields: Fields = field(default_factory=Fields)
    reference: str = ""
    built_in: tuple[str, ...] = ()

    @property
    def is_package(self) -> bool:
        """Whether its files describe servers and no client reads them."""
        return self.category == "package"

    @property
    def rules(self) -> tuple[Rule, ...]:
        """A client only carries facts."""
        return ()


@dataclass(frozen=True, slots=True)
class Match:
    """A file recognised as a client's configuration; `parts` is how many path parts agreed."""

    client: Client
    file: ConfigFile
    parts: int = 0


def user_paths(
    clients: Iterable[Client], system: str, home: str, environment: Mapping[str, str]
) -> Iterator[tuple[Match, str]]:
    """Where the clients of one system keep a person's and the machine owner's configuration, as absolute globs.

    `system` is `linux`, `macos` or `windows`; `home` has no slash at its end. Folders that the environment does
    not name (`%APPDATA%` elsewhere than on Windows) are left out. Nothing is opened here.
    """
    for client in clients:
        for file in client.files:
            if file.level is Level.PROJECT:
                continue
            for pattern in file.paths(system):
                path = _expand(pattern, home, environment)
                if path:
                    yield Match(client, file), path


def project_paths(clients: Iterable[Client]) -> Iterator[tuple[Match, str]]:
    """Where projects keep configuration, relative to their root."""
    for client in clients:
        for file in client.files:
            if file.level is Level.PROJECT:
                yield from ((Match(client, file), pattern) for pattern in file.paths())


def _expand(pattern: str, home: str, environment: Mapping[str, str]) -> str:
    if pattern.startswith("~/"):
        return f"{home}/{pattern[2:]}"
    if pattern.startswith("%"):
        name, _, rest = pattern[1:].partition("%")
        folder = environment.get(name, "")
        return f"{folder.replace(chr(92), '/')}{rest}" if folder else ""
    return pattern


class Places:
    """Where the clients keep configuration, ready to be asked about every path of a tree.

    Nearly all paths are turned away by their last part alone, so that asking costs one look into a set.
    """

    def __init__(self, clients: Iterable[Client]) -> None:
        clients = tuple(clients)
        self._shared = _shared_names(clients)
        self._named: dict[str, list[tuple[Client, ConfigFile, tuple[str, ...]]]] = {}
        self._globs: list[tuple[Client, ConfigFile, tuple[str, ...]]] = []
        for client in clients:
            for file in client.files:
                for pattern in file.paths():
                    parts = tuple(pattern.split("/"))
                    last = parts[-1].lower()
                    home = self._globs if _is_glob(last) else self._named.setdefault(last, [])
                    home.append((client, file, parts))
        self._glob = re.compile("|".join(translate(parts[-1].lower()) for _, _, parts in self._globs) or r"(?!)")

    def match(self, path: str) -> tuple[Match, ...]:
        """The clients whose configuration stands at such a path of a scanned tree, the best fitting first.

        The tree may be a home, a folder within one, or a project: what is compared are the last parts, as many as
        both sides have, and at least two unless the whole of either side is one part. Where a person's and a
        project's file look alike, what lies below `~`, `home/NAME`, `Users/NAME` or `root` is a person's,
        everything else a project's.
        """
        last = path.rpartition("/")[2].lower()
        candidates = self._named.get(last, ())
        if self._glob.match(last):
            candidates = [*candidates, *self._globs]
        if not candidates:
            return ()
        parts = tuple(part for part in path.split("/") if part not in ("", "."))
        lengths: dict[int, Match] = {}
        for client, file, pattern in candidates:
            length = _agreeing(parts, pattern, self._shared)
            known = lengths.get(id(file))
            if length and (known is None or known.parts < length):
                lengths[id(file)] = Match(client, file, length)
        best = max((match.parts for match in lengths.values()), default=0)
        own = _in_a_home(parts, best)
        fitting = (match for match in lengths.values() if match.parts == best)
        return tuple(sorted(fitting, key=lambda match: (match.file.level is Level.USER) is not own))


def _is_glob(part: str) -> bool:
    return any(sign in part for sign in "*?[")


def _in_a_home(parts: tuple[str, ...], matched: int) -> bool:
    before = parts[: len(parts) - matched]
    if parts[:1] == ("~",):
        return len(before) <= 1
    return before[-1:] == ("root",) or (len(before) >= 2 and before[-2] in ("home", "Users"))


def _shared_names(clients: tuple[Client, ...]) -> frozenset[str]:
    """File names that say nothing alone: more than one client's files, or a glob, bear them."""
    owners: dict[str, set[str]] = {}
    for client in clients:
        for file in client.files:
            for pattern in file.paths():
                owners.setdefault(pattern.rpartition("/")[2], set()).add(client.id)
    return frozenset(name for name, ids in owners.items() if len(ids) > 1 or "*" in name)


def _agreeing(parts: tuple[str, ...], pattern: tuple[str, ...], shared: frozenset[str]) -> int:
    """How many trailing parts agree; 0 when the two cannot be the same place."""
    anchored = pattern[0] == "~" or pattern[0].startswith("%")
    wanted = pattern[1:] if anchored else tuple(part for part in pattern if part)
    count, index = 0, len(parts) - 1
    for position in range(len(wanted) - 1, -1, -1):
        if wanted[position] == "**":
            rest = wanted[:position]
            return count + (1 if not rest or _contains(parts[: index + 1], rest) else 0)
        if index < 0:
            return count if count >= 2 or (count == 1 and wanted[-1] not in shared) else 0
        if not fnmatchcase(parts[index].lower(), wanted[position].lower()):
            return 0
        count, index = count + 1, index - 1
    return count


def _contains(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    size = len(wanted)
    return any(parts[start : start + size] == wanted for start in range(len(parts) - size + 1))
