"""What is about to be committed, or was added since a revision: changed files with the lines that are new."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bartizan.model.blob import Blob, Buffer
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import SourceError, UsageError
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target
from bartizan.sources.ancestry import brought, commits_since
from bartizan.sources.archive import is_archive, members
from bartizan.sources.checkout import is_unchanged
from bartizan.sources.chronicle import Appearance
from bartizan.sources.comparison import Comparison, is_file, read_index_file
from bartizan.sources.files import read_file
from bartizan.sources.format import sniff
from bartizan.sources.gitstore import MAX_OBJECT, GitStore
from bartizan.sources.history import open_appearance
from bartizan.sources.lineage import Difference
from bartizan.sources.repository import Repository, find_repository
from bartizan.sources.source import Batch

_CHUNK = 200
_EMPTY = bytes.fromhex("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
"""The blob without content, which stands in the index for files that are only announced."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file by its path from the top: the staged blob, or none for the file itself; `old` is what it may come from."""

    path: bytes
    blob: bytes
    old: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Below:
    """The first item of each batch: a repository, and the part of it that is looked at.

    `path` is from the top (empty: all of it), with `/` behind a folder; `skip` how much of a path is not shown.
    """

    repository: Repository
    path: bytes
    skip: int

    def has(self, path: bytes) -> bool:
        """Whether a file lies in that part."""
        return path.startswith(self.path) if not self.path or self.path.endswith(b"/") else path == self.path

    def location(self, path: bytes, target: Target) -> Location:
        """The place relative to the target."""
        shown = path[self.skip :].decode("utf-8", "backslashreplace")
        return Location(path=shown, target=target.label or None)


class Changes:
    """Opens the repository around a target and gives what `settings.staged` or `settings.since` asks for."""

    def __init__(self, settings: Settings, guard: Guard) -> None:
        self.settings = settings
        self._stores: dict[str, GitStore] = {}
        self._compared: dict[Repository, tuple[GitStore, bytes | None, Comparison]] = {}

    def check(self, target: Target) -> None:
        """Raise UsageError when the target lies in no working tree, or no commit is called as asked for."""
        repository = _around(target)
        self._head(repository)
        if self.settings.since:
            self._since(repository, target)

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """The changed files below the target. Raises UsageError as `check` does."""
        repository = _around(target)
        below = _below(repository, target)
        waiting: list[Change | Appearance] = []
        try:
            for change in self._changes(repository, below, target):
                waiting.append(change)
                if len(waiting) == _CHUNK:
                    yield Batch("changes", target, (below, *waiting))
                    waiting = []
        except SourceError as error:
            yield Coverage(Outcome.FAILED, ".git", error.what)
        if waiting:
            yield Batch("changes", target, (below, *waiting))

    def _changes(self, repository: Repository, below: Below, target: Target) -> Iterator[Change | Appearance]:
        store, head, comparison = self._compare(repository)
        if self.settings.staged:
            for entry in comparison.changed():
                if below.has(entry.path):
                    yield Change(entry.path, entry.blob, comparison.origins(entry.path))
            return
        since = self._since(repository, target)
        seen: set[bytes] = set()
        for commit in commits_since(store, head, since) if head else ():
            if not below.path:
                yield Appearance(commit, commit, kind="message")
            yield from (each for each in brought(store, commit, seen) if below.has(each.path))
        yield from self._in_working_tree(repository, below, comparison)

    def _in_working_tree(self, repository: Repository, below: Below, comparison: Comparison) -> Iterator[Change]:
        """Files that are not as in the commit that is checked out, untracked ones included, ignored ones not."""
        from bartizan.sources.ignored import untracked_files

        index = os.path.join(repository.folder, "index")
        written = os.stat(index).st_mtime if os.path.exists(index) else 0.0
        for entry in comparison.index.entries:
            if not is_file(entry) or not below.has(entry.path):
                continue
            if comparison.old(entry.path) != entry.blob or not is_unchanged(entry, repository.top, written):
                path = os.path.join(os.fsencode(repository.top), entry.path)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield Change(entry.path, b"", comparison.origins(entry.path))
        tracked = {entry.path for entry in comparison.index.entries}
        folder = os.fsdecode(below.path[: below.path.rfind(b"/") + 1].rstrip(b"/"))
        exclude = os.path.join(repository.common, "info", "exclude")
        for path in untracked_files(repository.top, folder, tracked, exclude):
            if below.has(path):
                yield Change(path, b"", comparison.origins(path))

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """Each changed file as a blob, archives followed by their members, and commit messages."""
        below, *changes = batch.items
        try:
            store = self._store(below.repository)
        except SourceError as error:
            yield Coverage(Outcome.FAILED, ".git", error.what)
            return
        for change in changes:
            location = below.location(change.path, batch.target)
            try:
                if isinstance(change, Appearance):
                    yield from _from_history(store, change, location)
                else:
                    yield from _from_now(store, below.repository, change, location)
            except SourceError as error:
                yield Coverage(Outcome.FAILED, str(location), error.what)
            except OSError as error:
                yield Coverage(Outcome.FAILED, str(location), (error.strerror or str(error)).lower())

    def _store(self, repository: Repository) -> GitStore:
        if repository.common not in self._stores:
            self._stores[repository.common] = repository.store()
        return self._stores[repository.common]

    def _head(self, repository: Repository) -> bytes | None:
        try:
            self._store(repository)
        except SourceError as error:
            raise UsageError(f"{repository.top}: {error.what}") from None
        return repository.head()

    def _since(self, repository: Repository, target: Target) -> bytes:
        found = repository.commit(self._store(repository), self.settings.since)
        if found is None:
            raise UsageError(f"{self.settings.since}: no such revision in the repository of {target.text}")
        return found

    def _compare(self, repository: Repository) -> tuple[GitStore, bytes | None, Comparison]:
        """Read once for all targets in it."""
        if repository not in self._compared:
            store, head = self._store(repository), self._head(repository)
            tree = store.commit(head).tree if head else None
            index = read_index_file(os.path.join(repository.folder, "index"))
            self._compared[repository] = store, head, Comparison(store, tree, index)
        return self._compared[repository]


def _around(target: Target) -> Repository:
    repository = find_repository(target.path)
    if repository is None or not repository.top:
        raise UsageError(f"{target.text}: not inside a git repository")
    return repository


def _below(repository: Repository, target: Target) -> Below:
    path = os.path.relpath(os.path.realpath(target.path), repository.top)
    raw = b"" if path == os.curdir else os.fsencode(path)
    if not raw or os.path.isdir(target.path):
        return Below(repository, raw and raw + b"/", len(raw) + bool(raw))
    return Below(repository, raw, raw.rfind(b"/") + 1)


def _from_history(store: GitStore, change: Appearance, location: Location) -> Iterator[Subject | Coverage]:
    if change.kind == "message":
        location = replace(location, path=".git", record="commit message")
    location = replace(location, commit=change.commit.hex())
    if content := _content(store, change.oid):
        yield from open_appearance(store, change, location, content)


def _from_now(
    store: GitStore, repository: Repository, change: Change, location: Location
) -> Iterator[Subject | Coverage]:
    content: Buffer
    mode: int | None = None
    if change.blob:
        content = _content(store, change.blob)
    else:
        content, mode = read_file(os.path.join(repository.top, os.fsdecode(change.path)))
    if not len(content):
        return
    blob = Blob(location, content, sniff(location.path or "", content), (), mode)
    if change.old:
        blob = replace(blob, is_new=Difference(store, change.old, blob.bytes()).is_new)
    yield blob
    if is_archive(blob.format):
        yield from members(blob, folders=True)


def _content(store: GitStore, oid: bytes) -> bytes:
    if oid == _EMPTY:
        return b""
    size = store.size(oid)
    if size > MAX_OBJECT:
        raise SourceError(f"larger than {MAX_OBJECT >> 20} MiB ({size} bytes); not read")
    return store.read(oid)
