"""Recognises configurations of AI clients by where they lie or by what they hold."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.model.blob import Blob
from bartizan.model.document import Document
from bartizan.rules.client import Client, ConfigFile, Places
from bartizan.rules.entry import ServerEntry, entries
from bartizan.rules.library import Library
from bartizan.syntax.way import parts

LARGEST = 8 << 20
FALLBACK = "other"
"""The client that stands for any: its tables are looked for in every configuration."""
SUFFIXES = (".json", ".jsonc", ".json5", ".toml", ".yaml", ".yml", ".code-workspace", ".conf", ".bak", ".old")
Recognised = tuple[Client | None, ConfigFile | None, tuple[ServerEntry, ...]]


class ClientConfigs:
    """The clients of the packs in force."""

    def __init__(self, library: Library) -> None:
        clients = library.sheets(Client)
        self.places = Places(client for client in clients if client.id != FALLBACK)
        self.fallback = next(client for client in clients if client.id == FALLBACK)
        keys = {parts(way)[-1] for way in self.fallback.files[0].servers}
        self.cores = tuple(_encodings(key) for key in keys if not any(other in key for other in keys - {key}))
        self.marks = tuple(dict.fromkeys(mark for key in sorted(keys) for mark in _marks(key)))

    def may_be(self, blob: Blob) -> bool:
        """Whether parsing the file is worth it; cheap."""
        if not 2 <= blob.size <= LARGEST:
            return False
        path = config_path(blob)
        if self.places.match(path):
            return True
        if not path.lower().endswith(SUFFIXES):
            return False
        data = blob.bytes()
        if not any(core in data for cores in self.cores for core in cores[: 2 if blob.format == "utf16" else 1]):
            return False
        return any(mark in data for mark in self.marks)

    def has_place(self, blob: Blob) -> bool:
        """Whether some client keeps its configuration there."""
        return bool(self.places.match(config_path(blob)))

    def read(self, document: Document) -> Recognised:
        """The client that fits best and its servers: by path with servers, then by content, then by path alone."""
        matches = self.places.match(config_path(document.blob))
        for match in matches:
            found = entries(document, match.client, match.file)
            if found:
                return match.client, match.file, found
        file = self.fallback.files[0]
        found = tuple(entry for entry in entries(document, self.fallback, file) if _is_server(entry))
        if found:
            return self.fallback, file, found
        if matches and isinstance(document.value, dict) and not matches[0].client.is_package:
            return matches[0].client, matches[0].file, ()
        return None, None, ()


def config_path(blob: Blob) -> str:
    """The place inside the innermost container that has names."""
    member = (blob.location.member or "").rpartition("!")[2]
    return member or blob.location.path or ""


def _marks(key: str) -> Iterator[bytes]:
    """How a table's key looks in a file: quoted, or followed by what ends a key in YAML and TOML."""
    for text in (f'"{key}"', f"{key}:", f"{key}.", f"{key}]"):
        yield from _encodings(text)


def _encodings(text: str) -> tuple[bytes, bytes]:
    return text.encode(), text.encode("utf-16-le")


def _is_server(entry: ServerEntry) -> bool:
    """Whether an entry of a table that other things may share (`servers`) is an MCP server's."""
    if entry.way[0] != "servers" and not (entry.way[0] == "mcp" and len(entry.way) == 2):
        return True
    kinds = {word.text.lower() for name, word in entry.fields if name in ("type", "transport")}
    if kinds & {"stdio", "http", "sse", "streamable-http", "streamablehttp", "local", "remote", "ws"}:
        return True
    return bool(entry.argv)
