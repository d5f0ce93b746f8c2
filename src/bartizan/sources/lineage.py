"""Which lines of a file a commit added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bartizan.model.errors import SourceError
from bartizan.sources.gitstore import GitStore
from bartizan.syntax.gitobject import TREE

_RENAMES = 50
_COMPARED = 32 << 20
"""Versions larger than this are not compared: all their lines count as new."""


class Lineage:
    """Answers for one version of one file whether its commit added a line. Nothing is read before the first question.

    A line is new when no parent has it in its version of the path, counting how often: the second copy of a line
    is new although the first is not. Where a parent has no such path, the files that the commit removed there stand
    in for it, so that a rename does not make old lines new.
    """

    def __init__(self, store: GitStore, commit: bytes, path: bytes, content: bytes) -> None:
        self._store = store
        self._commit = commit
        self._path = path
        self._content = content
        self._new: list[bool] | None = None

    def is_new(self, line: int) -> bool:
        """Whether line number `line` (from 1) was added by the commit."""
        if self._new is None:
            self._new = self._compare()
        return not 0 < line <= len(self._new) or self._new[line - 1]

    def _compare(self) -> list[bool]:
        return _compare(self._content, self._parents_versions())

    def _parents_versions(self) -> Iterator[bytes]:
        """The text that each parent has for the path."""
        try:
            commit = self._store.commit(self._commit)
        except SourceError:
            return
        for parent in commit.parents:
            try:
                tree = self._store.commit(parent).tree
            except SourceError:
                continue  # beyond the edge of a shallow clone
            found = self._store.entry(tree, self._path)
            blobs = [found[1]] if found and found[0] != TREE else self._removed(tree, commit.tree)
            texts = list(_texts(self._store, blobs))
            if texts:
                yield b"\n".join(texts)

    def _removed(self, before: bytes, after: bytes) -> list[bytes]:
        """Blobs at paths that the commit removed, those of the same name first."""
        removed: list[tuple[bool, bytes]] = []
        leaf = self._path.rpartition(b"/")[2]
        pending: list[tuple[bytes, bytes | None]] = [(before, after)]
        for _ in range(2000):
            if not pending or len(removed) > _RENAMES:
                break
            old, new = pending.pop()
            try:
                left = self._store.tree(old)
                right = self._store.tree(new) if new else {}
            except SourceError:
                continue
            for name, (mode, oid) in left.items():
                other = right.get(name)
                if other == (mode, oid):
                    continue
                if mode == TREE:
                    pending.append((oid, other[1] if other and other[0] == TREE else None))
                elif other is None:
                    removed.append((name != leaf, oid))
        return [oid for _, oid in sorted(removed)[:_RENAMES]]


class Difference:
    """Answers for one version of a file whether a line stands in none of the texts it may have come from."""

    def __init__(self, store: GitStore, old: tuple[bytes, ...], content: bytes) -> None:
        """`old` are blobs that count as one text."""
        self._store = store
        self._old = old
        self._content = content
        self._new: list[bool] | None = None

    def is_new(self, line: int) -> bool:
        """Whether line number `line` (from 1) is new."""
        if self._new is None:
            old = b"\n".join(_texts(self._store, self._old))
            self._new = _compare(self._content, [old] if self._old else [])
        return not 0 < line <= len(self._new) or self._new[line - 1]


def _texts(store: GitStore, blobs: Iterable[bytes]) -> Iterator[bytes]:
    for blob in blobs:
        try:
            if store.size(blob) <= _COMPARED:
                yield store.read(blob)
        except SourceError:
            continue


def _compare(content: bytes, versions: Iterable[bytes]) -> list[bool]:
    lines = content.split(b"\n")
    new = [True] * len(lines)
    for old in versions:
        left = Counter(old.split(b"\n"))
        for number, line in enumerate(lines):
            if left[line] > 0:
                left[line] -= 1
                new[number] = False
    return new
