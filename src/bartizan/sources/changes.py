"""What is about to be committed, or was added since a revision: changed files whole, with the lines that are new."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from bartizan.model.blob import Blob, Buffer
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import SourceError
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target
from bartizan.sources.archive import is_archive, members
from bartizan.sources.checkout import is_unchanged
from bartizan.sources.files import read_file
from bartizan.sources.format import sniff
from bartizan.sources.gitstore import GitStore
from bartizan.sources.revision import find_repository, tree_of
from bartizan.sources.source import Batch
from bartizan.syntax.gitobject import Staged, read_index

_CHUNK = 200

Change = tuple[bytes, bytes, bytes]
"""Path, id of the blob before (empty for a new file) and of the staged one (empty: the file as it lies there)."""


class Changes:
    """Opens the repository around a target and gives what `settings.staged` or `settings.since` asks for.

    Nothing of the repository is run: no hooks, filters or monitors. What is new is told by line: one is new unless
    the file held it before as many times.
    """

    def __init__(self, settings: Settings, guard: Guard) -> None:
        self.settings = settings

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """The changed files below the target. Raises UsageError outside a repository, or for an unknown revision."""
        worktree, own, common = find_repository(target.path)
        store = GitStore(common, os.path.dirname(common))
        tree = tree_of(store, own, common, "HEAD" if self.settings.staged else self.settings.since)
        below = os.fsencode(os.path.relpath(os.path.realpath(target.path), worktree))
        found = list(self._changes(store, tree, worktree, own, below))
        for start in range(0, len(found), _CHUNK):
            yield Batch("changes", target, (worktree, common, below, *found[start : start + _CHUNK]))

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """Each changed file as a blob, archives followed by their members."""
        worktree, common, below, *changes = batch.items
        store = GitStore(common, os.path.dirname(common))
        for path, before, staged in changes:
            inner = path if below == b"." else os.path.relpath(path, below)
            inner = os.path.basename(path) if inner == b"." else inner
            name = inner.decode("utf-8", "replace")
            place = Location(path=name, target=batch.target.label or None)
            try:
                data: Buffer = store.read(staged) if staged else read_file(os.fsdecode(path), _folder(worktree))[0]
                old = store.read(before) if before else b""
            except (OSError, SourceError) as error:
                yield Coverage(Outcome.FAILED, name, str(error))
                continue
            blob = Blob(place, data, sniff(name, data), is_new=NewLines(old, data) if before else None)
            yield blob
            if is_archive(blob.format):
                yield from members(blob)

    def _changes(self, store: GitStore, tree: bytes | None, worktree: str, own: str, below: bytes) -> Iterator[Change]:
        index = os.path.join(own, "index")
        if not os.path.isfile(index):
            return
        with open(index, "rb") as file:
            entries = list(read_index(file.read()))
        written = os.stat(index).st_mtime
        for entry in entries:
            if entry.mode & 0o170000 != 0o100000 or not _is_below(entry.path, below):
                continue
            known = store.entry(tree, entry.path) if tree else None
            before = known[1] if known else b""
            if self.settings.staged:
                if before != entry.blob:
                    yield entry.path, before, entry.blob
            elif before != entry.blob or not self._lies_there(entry, worktree, written):
                yield entry.path, before, b""

    def _lies_there(self, entry: Staged, worktree: str, written: float) -> bool:
        path = os.path.join(os.fsencode(worktree), entry.path)
        inside = os.path.realpath(path).startswith(os.path.join(os.path.realpath(os.fsencode(worktree)), b""))
        return not os.path.lexists(path) or not inside or is_unchanged(entry, worktree, written)


class NewLines:
    """Which lines (from 1) of a text another version of it did not hold."""

    def __init__(self, before: bytes, after: Buffer) -> None:
        self._before = before
        self._after = after
        self._new: frozenset[int] | None = None

    def __call__(self, line: int) -> bool:
        """Compared when first asked."""
        if self._new is None:
            left = Counter(self._before.split(b"\n"))
            new = []
            for number, text in enumerate(bytes(self._after).split(b"\n"), 1):
                if left[text] > 0:
                    left[text] -= 1
                else:
                    new.append(number)
            self._new = frozenset(new)
        return line in self._new


def _folder(worktree: str) -> int:
    """The working tree's descriptor, kept open for the life of the process."""
    if worktree not in _FOLDERS:
        _FOLDERS[worktree] = os.open(worktree, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return _FOLDERS[worktree]


_FOLDERS: dict[str, int] = {}


def _is_below(path: bytes, folder: bytes) -> bool:
    return folder in (b".", path) or path.startswith(folder + b"/")
