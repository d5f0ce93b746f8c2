"""The object database of a git repository, read straight from its packs and loose objects.

No repository is opened: neither its configuration nor its hooks, attributes, owner or extensions count.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache

import pygit2

from bartizan.model.errors import SourceError
from bartizan.syntax.gitobject import Commit, read_commit, read_tree

COMMIT, TREE_KIND, BLOB_KIND, TAG = 1, 2, 3, 4
_BORROWED = 20
"""Object stores that one may borrow from, directly or not."""


class GitStore:
    """Objects by id (20 bytes). What lies outside `root` is not read, whatever points to it."""

    def __init__(self, folder: str, root: str) -> None:
        """`folder` is the git directory. Raises SourceError when it has no objects inside `root`."""
        self.folder = folder
        self._root = os.path.realpath(root)
        self._odb = pygit2.Odb()
        self.refused: list[str] = []
        """Object stores that were left out, as written."""
        main = os.path.join(folder, "objects")
        if not self._is_inside(main):
            raise SourceError("the repository's objects lie outside the target")
        pending, known = [main], {os.path.realpath(main)}
        while pending:
            place = pending.pop()
            self._add(place)
            for other in self._alternates(place):
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
        if self._is_inside(os.path.join(place, "pack")):
            self._odb.add_backend(pygit2.OdbBackendPack(place), 2)
        self._odb.add_backend(pygit2.OdbBackendLoose(place, -1, False, 0, 0), 1)

    def _alternates(self, place: str) -> list[str]:
        try:
            with open(os.path.join(place, "info", "alternates"), "rb") as file:
                lines = file.read(1 << 16).split(b"\n")
        except OSError:
            return []
        names = [os.fsdecode(line) for line in lines if line and not line.startswith(b"#")]
        return [os.path.normpath(os.path.join(place, name)) for name in names if "\0" not in name]

    def kinds(self) -> Iterator[tuple[bytes, int]]:
        """Id and kind of every object, reachable or not; kind 0 for one that cannot be read."""
        seen: set[bytes] = set()
        try:
            for oid in self._odb:
                raw = oid.raw
                if raw in seen:
                    continue
                seen.add(raw)
                try:
                    yield raw, int(self._odb.read_header(oid)[0])
                except (KeyError, ValueError, pygit2.GitError):
                    yield raw, 0
        except (pygit2.GitError, OSError) as error:
            raise SourceError(f"the repository's objects cannot be listed: {str(error)[:120]}") from None

    def size(self, oid: bytes) -> int:
        """Bytes of an object. Raises SourceError when it is missing or broken."""
        try:
            return int(self._odb.read_header(pygit2.Oid(raw=oid))[1])
        except (KeyError, ValueError, pygit2.GitError):
            raise SourceError(_unreadable(oid)) from None

    def read(self, oid: bytes) -> bytes:
        """Content of an object. Raises SourceError when it is missing or broken."""
        try:
            content: bytes = self._odb.read(pygit2.Oid(raw=oid))[1]
        except (KeyError, ValueError, pygit2.GitError):
            raise SourceError(_unreadable(oid)) from None
        return content

    def _commit(self, oid: bytes) -> Commit:
        return read_commit(self.read(oid))

    def _tree(self, oid: bytes) -> dict[bytes, tuple[int, bytes]]:
        return {name: (mode, entry) for mode, name, entry in read_tree(self.read(oid))}

    def entry(self, tree: bytes, path: bytes) -> tuple[int, bytes] | None:
        """Mode and id of what stands at `path` below a tree; None when nothing does or it cannot be read."""
        found: tuple[int, bytes] | None = (0o040000, tree)
        try:
            for step in path.split(b"/"):
                if found is None or found[0] != 0o040000:
                    return None
                found = self.tree(found[1]).get(step)
        except SourceError:
            return None
        return found


def _unreadable(oid: bytes) -> str:
    return f"the git object {oid.hex()} is missing or damaged"
