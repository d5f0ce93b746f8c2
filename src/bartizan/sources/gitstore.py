"""The object database of a git repository, read straight from its packs and loose objects.

No repository is opened: neither its configuration nor its hooks, attributes, owner or extensions count.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

from bartizan.model.errors import LimitError, SourceError
from bartizan.sources.pack import Found, Pack
from bartizan.syntax.gitobject import TREE, Commit, read_commit, read_tree

COMMIT, TREE_KIND, BLOB_KIND, TAG = 1, 2, 3, 4
_KINDS = {b"commit": COMMIT, b"tree": TREE_KIND, b"blob": BLOB_KIND, b"tag": TAG}
_SHA256 = re.compile(rb"^\s*objectformat\s*=\s*\"?sha256", re.IGNORECASE | re.MULTILINE)
_HEX = frozenset("0123456789abcdef")
_BORROWED = 20
"""Object stores that one may borrow from, directly or not."""
_BASES = 50
"""Packs that a chain of deltas may lead through."""
MAX_OBJECT = 256 << 20


class GitStore:
    """Objects by id (20 bytes). What lies outside `root` is not read, whatever points to it."""

    def __init__(self, folder: str, root: str) -> None:
        """`folder` is the git directory. Raises SourceError when it has no objects inside `root`."""
        self.folder = folder
        self.refused: list[str] = []
        """Object stores outside the target, as written, which were left out."""
        self.flaws: list[str] = []
        """Packs that cannot be read."""
        self.is_partial = False
        """Some objects were left at the remote it was cloned from."""
        self._root = os.path.realpath(root)
        self._packs: list[Pack] = []
        self._places: list[str] = []
        main = os.path.join(folder, "objects")
        if not self._is_inside(main):
            raise SourceError("the repository's objects lie outside the target")
        if _SHA256.search(_beginning(os.path.join(folder, "config"))):
            raise SourceError("repositories with SHA-256 object names cannot be read")
        pending, known = [main], {os.path.realpath(main)}
        while pending:
            place = pending.pop()
            self._add(place)
            for other in _alternates(place):
                real = os.path.realpath(other)
                if not self._is_inside(other):
                    self.refused.append(other)
                elif real not in known and len(known) < _BORROWED and os.path.isdir(real):
                    known.add(real)
                    pending.append(real)
        self.commit = lru_cache(maxsize=4096)(self._commit)
        self.tree = lru_cache(maxsize=512)(self._tree)

    def _is_inside(self, path: str) -> bool:
        real = os.path.realpath(path)
        return real == self._root or real.startswith(self._root.rstrip(os.sep) + os.sep)

    def _add(self, place: str) -> None:
        self._places.append(place)
        folder = os.path.join(place, "pack")
        for name in _listed(folder):
            stem, suffix = os.path.splitext(os.path.join(folder, name))
            self.is_partial |= suffix == ".promisor"
            if suffix != ".pack":
                continue
            if not self._is_inside(f"{stem}.pack") or not self._is_inside(f"{stem}.idx"):
                self.refused.append(f"{stem}.pack")
                continue
            try:
                self._packs.append(Pack(stem))
            except SourceError as error:
                self.flaws.append(error.what)

    def kinds(self) -> Iterator[tuple[bytes, int]]:
        """Id and kind of every object, reachable or not; kind 0 for one that cannot be read."""
        seen: set[bytes] = set()
        for pack in self._packs:
            for oid, offset in pack.entries():
                if oid in seen:
                    continue
                seen.add(oid)
                try:
                    yield oid, pack.kind(offset, self._kind)
                except SourceError:
                    yield oid, 0
        for oid in self._loose():
            if oid not in seen:
                seen.add(oid)
                try:
                    yield oid, self._kind(oid)
                except SourceError:
                    yield oid, 0

    def _loose(self) -> Iterator[bytes]:
        for place in self._places:
            for first in _listed(place):
                if len(first) == 2 and _HEX.issuperset(first):
                    for rest in _listed(os.path.join(place, first)):
                        if len(rest) == 38 and _HEX.issuperset(rest):
                            yield bytes.fromhex(first + rest)

    def _kind(self, oid: bytes, depth: int = 0) -> int:
        for pack in self._packs:
            offset = pack.index.find(oid)
            if offset is not None and depth < _BASES:
                return pack.kind(offset, lambda base: self._kind(base, depth + 1))
        return self._open_loose(oid, 0)[0]

    def kind(self, oid: bytes) -> int:
        """COMMIT, TREE_KIND, BLOB_KIND or TAG. Raises SourceError when it is missing or broken."""
        return self._kind(oid)

    def find(self, digits: str) -> bytes | None:
        """The one object whose id begins with these hexadecimal digits (4 to 40); None for none or several."""
        found = {oid for pack in self._packs for oid in pack.index.beginning(digits)}
        for place in self._places:
            for rest in _listed(os.path.join(place, digits[:2])):
                if rest.startswith(digits[2:]) and len(rest) == 38 and _HEX.issuperset(rest):
                    found.add(bytes.fromhex(digits[:2] + rest))
        return found.pop() if len(found) == 1 else None

    def size(self, oid: bytes) -> int:
        """Bytes of an object. Raises SourceError when it is missing or broken."""
        try:
            for pack in self._packs:
                offset = pack.index.find(oid)
                if offset is not None:
                    return pack.size(offset)
            return self._open_loose(oid, 0)[1]
        except SourceError as error:
            raise SourceError(_unreadable(oid, error)) from None

    def read(self, oid: bytes) -> bytes:
        """Content of an object. Raises SourceError when it is missing or broken, LimitError when it is too large."""
        return self._read(oid, 0)[1]

    def _read(self, oid: bytes, depth: int) -> Found:
        try:
            for pack in self._packs:
                offset = pack.index.find(oid)
                if offset is not None and depth < _BASES:
                    return pack.read(offset, MAX_OBJECT, lambda base: self._read(base, depth + 1))
            kind, _, content = self._open_loose(oid, MAX_OBJECT)
        except LimitError:
            raise
        except SourceError as error:
            if depth:
                raise
            raise SourceError(_unreadable(oid, error)) from None
        return kind, content

    def _open_loose(self, oid: bytes, limit: int) -> tuple[int, int, bytes]:
        """Kind, size and content (empty with `limit` 0) of a loose object."""
        name = oid.hex()
        for place in self._places:
            path = os.path.join(place, name[:2], name[2:])
            try:
                handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            except OSError:
                continue
            if not self._is_inside(path):
                os.close(handle)
                continue
            try:
                with open(handle, "rb") as file:
                    return _inflate_loose(file.read(limit or 64 << 10), limit)
            except OSError as error:
                raise SourceError((error.strerror or str(error)).lower()) from None
        raise SourceError("it is missing")

    def _commit(self, oid: bytes) -> Commit:
        return read_commit(self.read(oid))

    def _tree(self, oid: bytes) -> dict[bytes, tuple[bytes, bytes]]:
        return {name: (mode, entry) for mode, name, entry in read_tree(self.read(oid))}

    def entry(self, tree: bytes, path: bytes) -> tuple[bytes, bytes] | None:
        """Mode and id of what stands at `path` below a tree; None when nothing does or it cannot be read."""
        found: tuple[bytes, bytes] | None = (TREE, tree)
        try:
            for step in path.split(b"/"):
                if found is None or found[0] != TREE:
                    return None
                found = self.tree(found[1]).get(step)
        except SourceError:
            return None
        return found


def _inflate_loose(packed: bytes, limit: int) -> tuple[int, int, bytes]:
    decoder = zlib.decompressobj()
    try:
        head = decoder.decompress(packed, 64)
        header, end, content = head.partition(b"\0")
        kind, _, digits = header.partition(b" ")
        if not end or kind not in _KINDS or not digits.isdigit() or len(digits) > 18:
            raise SourceError("its header is malformed")
        size = int(digits)
        if not limit:
            return _KINDS[kind], size, b""
        if size > limit:
            raise LimitError(f"larger than {limit >> 20} MiB ({size} bytes); not read")
        content += decoder.decompress(decoder.unconsumed_tail, size - len(content) + 1) if size >= len(content) else b""
    except zlib.error:
        raise SourceError("its data is damaged") from None
    if len(content) != size or not decoder.eof:
        raise SourceError("its data is damaged")
    return _KINDS[kind], size, content


def _unreadable(oid: bytes, error: SourceError) -> str:
    return f"the git object {oid.hex()} cannot be read: {error.what}"


def _beginning(path: str) -> bytes:
    """The first 64 KiB of a regular file; nothing when it cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            return file.read(1 << 16) or b""
    except OSError:
        return b""


def _alternates(place: str) -> list[str]:
    lines = _beginning(os.path.join(place, "info", "alternates")).split(b"\n")
    names = [os.fsdecode(line) for line in lines if line and not line.startswith(b"#")]
    return [os.path.normpath(os.path.join(place, name)) for name in names if "\0" not in name]


def _listed(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
