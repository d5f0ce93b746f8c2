"""What of an index is not as in the commit that is checked out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from bartizan.model.errors import SourceError
from bartizan.sources.gitstore import GitStore
from bartizan.syntax.gitobject import LINK, SUBMODULE, TREE, Index, Staged, read_whole_index

Tree = dict[bytes, tuple[bytes, bytes]]
_INDEX = 256 << 20
_RENAMES = 50
_REMOVED = 2000


class Comparison:
    """An index against a tree. Directories that the index knows to be as in the tree are passed over."""

    def __init__(self, store: GitStore, tree: bytes | None, index: Index) -> None:
        """`tree` is None before the first commit."""
        self._store = store
        self._tree = tree
        self.index = index
        self._folders: dict[bytes, tuple[Tree, bool]] = {}

    def changed(self) -> Iterator[Staged]:
        """Regular files that the tree does not have so. Raises SourceError when the tree cannot be read."""
        for entry in self.index.entries:
            if is_file(entry) and self.old(entry.path) != entry.blob:
                yield entry

    def old(self, path: bytes) -> bytes | None:
        """The blob of a file in the tree, as far as it may differ from the index; None when the tree has none."""
        folder, _, name = path.rpartition(b"/")
        entries, same = self._folder(folder)
        if same:
            return self._staged.get(path)
        mode, oid = entries.get(name, (TREE, b""))
        return oid if mode not in (TREE, b"040000", LINK, SUBMODULE) else None

    def origins(self, path: bytes) -> tuple[bytes, ...]:
        """Blobs that a file's old lines may come from: its own, or those of files that are gone (a rename)."""
        own = self.old(path)
        if own is not None:
            return (own,)
        leaf = path.rpartition(b"/")[2]
        return tuple(oid for _, oid in sorted((name != leaf, oid) for name, oid in self._removed)[:_RENAMES])

    @cached_property
    def _staged(self) -> dict[bytes, bytes]:
        return {entry.path: entry.blob for entry in self.index.entries}

    @cached_property
    def _removed(self) -> list[tuple[bytes, bytes]]:
        """Names and blobs of files that the tree has and the index has not."""
        removed: list[tuple[bytes, bytes]] = []
        pending = [b""]
        for _ in range(_REMOVED):
            if not pending or len(removed) >= _REMOVED:
                break
            folder = pending.pop()
            entries, same = self._folder(folder)
            for name, (mode, oid) in () if same else entries.items():
                path = folder + b"/" + name if folder else name
                if mode in (TREE, b"040000"):
                    pending.append(path)
                elif mode not in (LINK, SUBMODULE) and path not in self._staged:
                    removed.append((name, oid))
        return removed

    def _folder(self, folder: bytes) -> tuple[Tree, bool]:
        """A directory of the tree, and whether the index has all of it so. Empty where the tree has none."""
        if folder in self._folders:
            return self._folders[folder]
        steps = folder.split(b"/") if folder else []
        at, oid = b"", self._tree
        found = self._enter(at, oid, same=False)
        for step in steps:
            entries, same = found
            mode, below = entries.get(step, (b"", b""))
            at = at + b"/" + step if at else step
            found = self._enter(at, below if mode in (TREE, b"040000") else None, same=same)
        return found

    def _enter(self, folder: bytes, oid: bytes | None, *, same: bool) -> tuple[Tree, bool]:
        if folder not in self._folders:
            same = same or (oid is not None and self.index.trees.get(folder) == oid)
            entries = self._store.tree(oid) if oid is not None and not same else {}
            self._folders[folder] = entries, same
        return self._folders[folder]


def is_file(entry: Staged) -> bool:
    """A regular file with a path that stays inside."""
    steps = entry.path.split(b"/")
    return entry.mode & 0o170000 == 0o100000 and not {b"", b".", b".."} & {*steps}


def read_index_file(path: str) -> Index:
    """The index at `path`; an empty one where there is none. Raises SourceError."""
    try:
        with open(path, "rb") as file:
            data = file.read(_INDEX + 1)
    except FileNotFoundError:
        return Index((), {})
    except OSError as error:
        raise SourceError(f"the index cannot be read: {(error.strerror or str(error)).lower()}") from None
    if len(data) > _INDEX:
        raise SourceError("the index is too large")
    return read_whole_index(data)
