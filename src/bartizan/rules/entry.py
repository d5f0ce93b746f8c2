"""Server entries: one MCP server as a client's configuration names it, with the place of every part."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bartizan.model.document import Document, Keys
from bartizan.rules.client import Client, ConfigFile, Fields
from bartizan.rules.published import launched
from bartizan.syntax.way import values

MOST_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command line and the way to where it is written."""

    text: str
    way: Keys


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """What a configuration says of one server. `argv` begins with the command; empty for a remote server.

    `approved` are the tools that run unasked: their names, or `*` for all of them.
    """

    name: str
    way: Keys
    client: Client
    file: ConfigFile
    argv: tuple[Word, ...]
    environment: tuple[tuple[str, Word], ...]
    url: Word | None
    headers: tuple[tuple[str, Word], ...]
    approved: tuple[Word, ...]
    disabled: bool
    fields: tuple[tuple[str, Word], ...]
    """Every other text of the entry by its last key."""


def entries(document: Document, client: Client, file: ConfigFile) -> tuple[ServerEntry, ...]:
    """The servers that the document names where this file of the client keeps them."""
    found: dict[Keys, ServerEntry] = {}
    for pattern in file.servers:
        for way, table in values(document.value, pattern):
            if pattern == "" and found:
                continue
            for name, entry_way, entry in _items(table, way, document.value):
                read = _read(name, entry_way, entry, client, file)
                if read is not None and len(found) < MOST_ENTRIES:
                    found.setdefault(entry_way, read)
    return tuple(found.values())


def _items(table: Any, way: Keys, whole: Any) -> Iterator[tuple[str, Keys, dict[Any, Any]]]:
    """Name, way and value of each entry of a table by name, or of a list of entries that carry their names. A table
    that is itself a launch has the document's name.
    """
    if isinstance(table, dict) and isinstance(table.get("command"), str):
        yield _own_name(whole, way), way, table
    elif isinstance(table, dict):
        for name, value in table.items():
            if isinstance(value, dict):
                yield str(name), (*way, name), value
    elif isinstance(table, list):
        for index, value in enumerate(table):
            if isinstance(value, dict):
                published = launched(value)
                if published is not None:
                    yield _own_name(whole, way), (*way, index), published
                    continue
                inner = value.get("transport")  # older Continue files keep the launch one level deeper
                named = "url" in value and isinstance(whole, dict) and "$schema" in whole
                name = str(value.get("name", _own_name(whole, way) if named else index))
                if isinstance(inner, dict) and "command" not in value and "url" not in value:
                    yield name, (*way, index, "transport"), inner
                else:
                    yield name, (*way, index), value


def _own_name(whole: Any, way: Keys) -> str:
    name = whole.get("name") if isinstance(whole, dict) else None
    return name if isinstance(name, str) and name else str(way[-1] if way else "server")


def _read(name: str, way: Keys, entry: dict[Any, Any], client: Client, file: ConfigFile) -> ServerEntry | None:
    """The entry, or None when it holds neither a command nor an address."""
    fields = client.fields
    inner = entry.get("command")
    if isinstance(inner, dict) and "path" in inner:  # older Zed: {"command": {"path", "args", "env"}}
        entry, way = {**entry, **inner, "command": inner["path"]}, (*way, "command")
    argv = _argv(entry, way, fields)
    url = _text(entry, way, fields.url)
    if not argv and url is None:
        return None
    known = {*fields.command, *fields.arguments, *fields.environment, *fields.url, *fields.headers, *fields.approved}
    return ServerEntry(
        name=name,
        way=way,
        client=client,
        file=file,
        argv=argv,
        environment=_pairs(entry, way, fields.environment),
        url=url,
        headers=_pairs(entry, way, fields.headers),
        approved=_approved(entry, way, fields),
        disabled=_disabled(entry, fields),
        fields=tuple(
            (str(key), Word(str(value), (*way, key)))
            for key, value in entry.items()
            if key not in known and isinstance(value, str | int | bool)
        ),
    )


def _argv(entry: dict[Any, Any], way: Keys, fields: Fields) -> tuple[Word, ...]:
    key = next((key for key in fields.command if isinstance(entry.get(key), str | list)), None)
    if key is None:
        return ()
    command = entry[key]
    if isinstance(command, list):
        words = [Word(str(word), (*way, key, index)) for index, word in enumerate(command) if _plain(word)]
    else:
        words = [Word(word, (*way, key)) for word in _split(command)]
    for name in fields.arguments:
        given = entry.get(name)
        if isinstance(given, list):
            words += [Word(str(word), (*way, name, index)) for index, word in enumerate(given) if _plain(word)]
        elif isinstance(given, str):
            words += [Word(word, (*way, name)) for word in _split(given)]
    return tuple(word for word in words if word.text)


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _split(command: str) -> list[str]:
    """A command written as one text, cut into words; a path with spaces is one word."""
    stripped = command.strip()
    if " " not in stripped:
        return [stripped] if stripped else []
    if re.match(r"(?:[A-Za-z]:[\\/]|\\\\|[/~])", stripped) and not re.search(r"\s-{1,2}\w|\s[\"'/]", stripped):
        return [stripped]
    try:
        return shlex.split(stripped, posix="\\" not in stripped)
    except ValueError:
        return stripped.split()


def _text(entry: dict[Any, Any], way: Keys, names: tuple[str, ...]) -> Word | None:
    for name in names:
        if isinstance(entry.get(name), str) and entry[name]:
            return Word(entry[name].strip(), (*way, name))
    return None


def _pairs(entry: dict[Any, Any], way: Keys, names: tuple[str, ...]) -> tuple[tuple[str, Word], ...]:
    for name in names:
        given = entry.get(name)
        if isinstance(given, dict):
            if isinstance(given.get("headers"), dict):
                return _texts(given["headers"], (*way, name, "headers"))
            return _texts(given, (*way, name))
        if isinstance(given, list):  # `["NAME=value", …]`
            words = [(str(item).partition("="), index) for index, item in enumerate(given) if _plain(item)]
            return tuple((key, Word(value, (*way, name, index))) for (key, sign, value), index in words if sign)
    return ()


def _texts(table: dict[Any, Any], way: Keys) -> tuple[tuple[str, Word], ...]:
    return tuple((str(key), Word(str(value), (*way, key))) for key, value in table.items() if _plain(value))


def _approved(entry: dict[Any, Any], way: Keys, fields: Fields) -> tuple[Word, ...]:
    words: list[Word] = []
    for name in fields.approved:
        given = entry.get(name)
        if given is True:
            words.append(Word("*", (*way, name)))
        elif isinstance(given, list):
            words += [Word(str(item), (*way, name, index)) for index, item in enumerate(given) if isinstance(item, str)]
    return tuple(words)


def _disabled(entry: dict[Any, Any], fields: Fields) -> bool:
    return any(entry.get(name) is True for name in fields.disabled) or any(
        entry.get(name) is False for name in fields.enabled
    )


def entry_key(document: Document, entry: ServerEntry) -> str:
    """What makes the server of an entry itself: its address for a remote one, whoever names it; for a local one its
    place and name do (no key), and the way to it where the same file may hold the name twice.
    """
    if entry.url is not None and not entry.argv:
        address = server_address(entry.url.text)
        return f"mcp-server|{address}" if "$" not in address else ""
    if len(entry.way) <= 2:
        return ""
    place = replace(document.at(*entry.way), record=entry.name).place()
    return "|".join(("mcp-server", *place, *(str(step) for step in entry.way)))


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
