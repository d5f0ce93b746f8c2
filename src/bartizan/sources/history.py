"""The history of a git repository: every blob once, without a checkout and without running git."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import SourceError
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target
from bartizan.sources.archive import is_archive, members
from bartizan.sources.checkout import unchanged_blobs
from bartizan.sources.chronicle import Appearance, Chronicle
from bartizan.sources.format import sniff
from bartizan.sources.gitstore import MAX_OBJECT, GitStore
from bartizan.sources.lineage import Lineage
from bartizan.sources.source import Batch

CHUNK = 400
_FLAWS = 20


@dataclass(frozen=True, slots=True)
class Repository:
    """The first item of each batch: the git directory, and what stands before paths inside it (`sub/` or nothing)."""

    folder: str
    prefix: str


class History:
    """Opens repositories: a folder with `.git`, a git directory itself, or a bare repository."""

    def __init__(self, settings: Settings, guard: Guard) -> None:
        self.settings = settings
        self._stores: dict[tuple[str, str], GitStore] = {}

    def opens(self, path: str) -> bool:
        """Whether there is a repository at `path`."""
        return self.is_bare(path) or self.is_bare(os.path.join(path, ".git"))

    def is_bare(self, path: str) -> bool:
        """Whether `path` is a git directory itself."""
        return (
            os.path.isdir(os.path.join(path, "objects"))
            and os.path.isdir(os.path.join(path, "refs"))
            and os.path.isfile(os.path.join(path, "HEAD"))
        )

    def batches(self, target: Target, folder: str = "") -> Iterator[Batch | Coverage]:
        """List the repository at `folder` below the target, and those of its submodules."""
        where = os.path.join(target.path, folder) if folder else target.path
        prefix = f"{_readable(os.fsencode(folder))}/" if folder else ""
        bare = self.is_bare(where)
        directory = where if bare else os.path.join(where, ".git")
        yield from self._list(target, Repository(directory, prefix), "" if bare else where)
        for name, module in _submodules(os.path.join(directory, "modules")):
            worktree = "" if bare else os.path.join(where, name)
            yield from self._list(target, Repository(module, f"{prefix}{_readable(os.fsencode(name))}/"), worktree)

    def _list(self, target: Target, repository: Repository, worktree: str) -> Iterator[Batch | Coverage]:
        place = f"{repository.prefix}.git"
        try:
            store = GitStore(repository.folder, target.path)
            for other in store.refused:
                yield Coverage(Outcome.SKIPPED, place, f"borrowed objects outside the target: {other}")
            chronicle = Chronicle(store)
            there = unchanged_blobs(repository.folder, worktree) if worktree else set()
            waiting: list[Appearance] = []
            for appearance in chronicle.appearances():
                if appearance.oid in there:
                    continue
                waiting.append(appearance)
                if len(waiting) == CHUNK:
                    yield Batch("history", target, (repository, *waiting))
                    waiting = []
            if waiting:
                yield Batch("history", target, (repository, *waiting))
        except SourceError as error:
            yield Coverage(Outcome.FAILED, place, error.what)
            return
        if chronicle.missing:
            outcome = Outcome.SKIPPED if store.is_partial else Outcome.FAILED
            yield Coverage(outcome, place, f"the content of {chronicle.missing} files is not in the repository")
        for flaw in chronicle.flaws[:_FLAWS]:
            yield Coverage(Outcome.FAILED, place, flaw)
        if len(chronicle.flaws) > _FLAWS:
            yield Coverage(Outcome.FAILED, place, f"{len(chronicle.flaws) - _FLAWS} further git objects are damaged")

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """Each blob with its commit, archives followed by their members, and each message as a small text."""
        repository, *appearances = batch.items
        try:
            store = self._store(repository, batch.target)
        except SourceError as error:
            yield Coverage(Outcome.FAILED, f"{repository.prefix}.git", error.what)
            return
        for appearance in appearances:
            location = _location(repository, appearance, batch.target)
            try:
                if (size := store.size(appearance.oid)) > MAX_OBJECT:
                    yield Coverage(
                        Outcome.FAILED, str(location), f"larger than {MAX_OBJECT >> 20} MiB ({size} bytes); not read"
                    )
                    continue
                content = store.read(appearance.oid) if size else b""
            except SourceError as error:
                yield Coverage(Outcome.FAILED, str(location), error.what)
                continue
            if content:
                yield from open_appearance(store, appearance, location, content)

    def _store(self, repository: Repository, target: Target) -> GitStore:
        key = (repository.folder, target.path)
        if key not in self._stores:
            self._stores = {key: GitStore(repository.folder, target.path)}
        return self._stores[key]


def open_appearance(
    store: GitStore, appearance: Appearance, location: Location, content: bytes
) -> Iterator[Subject | Coverage]:
    """A version of a file with the lines that its commit added, archives followed by their members, or a message."""
    if appearance.kind != "file":
        message = content.partition(b"\n\n")[2]
        if message.strip():
            yield Blob(location, message, sniff("message", message))
        return
    blob = Blob(location, content, sniff(location.path or "", content))
    if appearance.commit:
        blob = replace(blob, is_new=Lineage(store, appearance.commit, appearance.path, content).is_new)
    yield blob
    if is_archive(blob.format):
        yield from members(blob)


def _location(repository: Repository, appearance: Appearance, target: Target) -> Location:
    label = target.label or None
    commit = appearance.commit.hex() or None
    if appearance.kind == "message":
        return Location(path=f"{repository.prefix}.git", record="commit message", commit=commit, target=label)
    oid = appearance.oid.hex()
    if appearance.kind == "tag":
        return Location(path=f"{repository.prefix}.git", record=f"tag {oid}", target=label)
    path = repository.prefix + (_readable(appearance.path) or f".git/objects/{oid[:2]}/{oid[2:]}")
    return Location(path=path, commit=commit, target=label)


def _submodules(folder: str) -> Iterator[tuple[str, str]]:
    """Names and git directories of submodules, whose names may hold slashes."""
    pending = [("", folder)]
    for _ in range(1000):
        if not pending:
            return
        name, path = pending.pop()
        try:
            with os.scandir(path) as entries:
                below = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
        except OSError:
            continue
        for step in below:
            inner = os.path.join(path, step)
            full = f"{name}/{step}" if name else step
            if os.path.isdir(os.path.join(inner, "objects")) and os.path.isfile(os.path.join(inner, "HEAD")):
                yield full, inner
                pending.append((full, os.path.join(inner, "modules")))
            elif name.count("/") < 5:
                pending.append((full, inner))


def _readable(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
