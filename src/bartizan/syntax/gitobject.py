"""Git's own formats: commits, trees and the index.

Sources: gitformat-index(5) for versions 2 to 4, and git's object format (trees: mode, space, name, NUL, 20 bytes).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bartizan.model.errors import SourceError

TREE = b"40000"
LINK = b"120000"
SUBMODULE = b"160000"
_ENTRY = re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{20})", re.DOTALL)
_HEADER = re.compile(rb"(tree|parent) ([0-9a-f]{40})\n")
_COMMITTER = re.compile(rb"^committer .*?(-?\d+) [-+]\d{4}$", re.MULTILINE)
_STAT = struct.Struct(">10L20sH")


@dataclass(frozen=True, slots=True)
class Commit:
    """What history needs of a commit: object ids are 20 bytes, `time` is seconds since the epoch."""

    tree: bytes
    parents: tuple[bytes, ...]
    time: int
    message: bytes


@dataclass(frozen=True, slots=True)
class Staged:
    """One entry of the index: a path, the blob that stands for it and what its file looked like."""

    path: bytes
    blob: bytes
    mode: int
    size: int
    mtime: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Index:
    """What is staged. `trees` holds the id of each directory (the top is empty) that is known to be as that tree."""

    entries: tuple[Staged, ...]
    trees: Mapping[bytes, bytes]


def read_commit(data: bytes) -> Commit:
    """Raises SourceError when there is no tree."""
    at = 0
    tree, parents = b"", []
    while match := _HEADER.match(data, at):
        if match[1] == b"tree":
            tree = bytes.fromhex(match[2].decode())
        else:
            parents.append(bytes.fromhex(match[2].decode()))
        at = match.end()
    if not tree:
        raise SourceError("the commit names no tree")
    head, _, message = data.partition(b"\n\n")
    written = _COMMITTER.search(head)
    return Commit(tree, tuple(parents), int(written[1][:12]) if written else 0, message)


def read_tree(data: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Mode (as written, in octal), name and object id of each entry. Raises SourceError where it is malformed."""
    entries: list[tuple[bytes, bytes, bytes]] = _ENTRY.findall(data)
    if sum([len(mode) + len(name) for mode, name, _ in entries]) + 22 * len(entries) != len(data):
        raise SourceError("a tree object is malformed")
    return entries


def read_index(data: bytes) -> Iterator[Staged]:
    """The entries of an index file. Raises SourceError where it is malformed or of another version."""
    for entry, _ in _index_entries(data):
        yield entry


def read_whole_index(data: bytes) -> Index:
    """The entries, and what the index knows of trees. Raises SourceError, also for an index split in two files."""
    entries: list[Staged] = []
    at = 12
    for entry, end in _index_entries(data):
        entries.append(entry)
        at = end
    trees: dict[bytes, bytes] = {}
    while at + 8 <= len(data) - 20:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        body = data[at + 8 : at + 8 + size]
        if name == b"TREE":
            trees = dict(_cached_trees(body))
        elif name == b"link":
            raise SourceError("an index that is split in two cannot be read")
        at += 8 + size
    return Index(tuple(entries), trees)


def _cached_trees(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Path and id of each directory whose tree is known: NUL-ended name, counts of entries and subtrees, id."""
    at = 0
    waiting: list[list[Any]] = []  # path and how many subtrees are still to come
    while at < len(body):
        end, line = body.find(b"\0", at), body.find(b"\n", at)
        counts = body[end + 1 : line].split(b" ") if 0 <= end < line else []
        if len(counts) != 2 or not counts[1].isdigit():
            return
        while waiting and not waiting[-1][1]:
            waiting.pop()
        if waiting:
            waiting[-1][1] -= 1
        above = waiting[-1][0] if waiting else b""
        path = (above + b"/" if above else b"") + body[at:end]
        waiting.append([path, int(counts[1][:9])])
        at = line + 1
        if not counts[0].startswith(b"-"):
            yield path, body[at : at + 20]
            at += 20


def _index_entries(data: bytes) -> Iterator[tuple[Staged, int]]:
    """Each entry and where it ends."""
    if data[:4] != b"DIRC" or len(data) < 12:
        raise SourceError("the index is malformed")
    version, count = struct.unpack(">2L", data[4:12])
    if version not in (2, 3, 4):
        raise SourceError(f"the index has version {version}")
    at, path = 12, b""
    for _ in range(count):
        if at + _STAT.size > len(data):
            raise SourceError("the index ends early")
        _, _, seconds, nanoseconds, _, _, mode, _, _, size, blob, flags = _STAT.unpack_from(data, at)
        start = at + _STAT.size + (2 if version >= 3 and flags & 0x4000 else 0)
        dropped = 0
        if version == 4:
            dropped, start = _offset(data, start)
        end = data.find(b"\0", start)
        if end < 0:
            raise SourceError("the index ends early")
        path = (path[: len(path) - dropped] if version == 4 else b"") + data[start:end]
        at = end + 1 if version == 4 else at + (end - at + 8) // 8 * 8
        yield Staged(path, blob, mode, size, (seconds, nanoseconds)), at


def _offset(data: bytes, at: int) -> tuple[int, int]:
    """Git's variable-width number, in which each continued byte adds one."""
    value = -1
    while at < len(data) and at >= 0:
        byte = data[at]
        at += 1
        value = ((value + 1) << 7) | byte & 0x7F
        if not byte & 0x80 or value > 1 << 32:
            break
    return max(value, 0), at
