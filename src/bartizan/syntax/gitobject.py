"""Git's own formats: commits, trees and the index.

Sources: gitformat-index(5) for versions 2 to 4, and git's object format (trees: mode, space, name, NUL, 20 bytes).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

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
        yield Staged(path, blob, mode, size, (seconds, nanoseconds))
        at = end + 1 if version == 4 else at + (end - at + 8) // 8 * 8


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
