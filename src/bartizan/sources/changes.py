"""What is about to be committed, or was added since a revision: changed files whole, with the lines that are new."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import UsageError
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target
from bartizan.sources.archive import is_archive, members
from bartizan.sources.files import read_file
from bartizan.sources.format import sniff
from bartizan.sources.source import Batch

_LIMIT = 256 << 20
_CHUNK = 200

Change = tuple[str, str, tuple[tuple[int, int], ...]]
"""Path, id of the staged blob (empty: the file of the working tree), and ranges of new lines (first, count)."""


class Changes:
    """Opens the repository around a target and gives what `settings.staged` or `settings.since` asks for."""

    def __init__(self, settings: Settings, guard: Guard) -> None:
        self.settings = settings

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """The changed files below the target. Raises UsageError outside a repository, or for an unknown revision."""
        repository = _repository(target)
        worktree = os.path.realpath(repository.workdir or repository.path)
        below = os.path.relpath(os.path.realpath(target.path), worktree)
        changes = [change for change in self._changes(repository, target) if _is_below(change[0], below)]
        for start in range(0, len(changes), _CHUNK):
            yield Batch("changes", target, (worktree, below, *changes[start : start + _CHUNK]))

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """Each changed file as a blob, archives followed by their members."""
        worktree, below, *changes = batch.items
        repository = _repository(batch.target) if any(change[1] for change in changes) else None
        for path, blob_id, ranges in changes:
            place = Location(
                path=os.path.relpath(path, below) if below != "." else path, target=batch.target.label or None
            )
            try:
                data = _staged(repository, blob_id) if blob_id else read_file(os.path.join(worktree, path))[0]
            except (OSError, LookupError, ValueError) as error:
                yield Coverage(Outcome.FAILED, str(place), str(error))
                continue
            if len(data) > _LIMIT:
                yield Coverage(Outcome.FAILED, str(place), f"larger than {_LIMIT >> 20} MB")
                continue
            blob = Blob(place, data, sniff(path, data), is_new=_within(ranges))
            yield blob
            if is_archive(blob.format):
                yield from members(blob)

    def _changes(self, repository: Any, target: Target) -> Iterator[Change]:
        """Added and modified files with their new lines, from the index or from the working tree."""
        import pygit2

        flags = pygit2.enums.DiffOption.INCLUDE_UNTRACKED | pygit2.enums.DiffOption.RECURSE_UNTRACKED_DIRS
        flags |= pygit2.enums.DiffOption.SHOW_UNTRACKED_CONTENT
        if self.settings.staged:
            empty = repository.head_is_unborn
            tree = repository[repository.TreeBuilder().write()] if empty else repository.head.peel(pygit2.Tree)
            diff = tree.diff_to_index(repository.index, context_lines=0)
        else:
            diff = _tree(repository, self.settings.since, target).diff_to_workdir(flags, context_lines=0)
        for patch in diff:
            new = patch.delta.new_file
            if patch.delta.status_char() == "D" or new.mode & 0o170000 != 0o100000:
                continue
            ranges = () if patch.delta.is_binary else _added(patch)
            yield new.path, str(new.id) if self.settings.staged else "", ranges


def _repository(target: Target) -> Any:
    import pygit2

    try:
        pygit2.settings.owner_validation = False
        found = pygit2.discover_repository(target.path)
        return pygit2.Repository(found or target.path)
    except (pygit2.GitError, KeyError):
        raise UsageError(f"{target.text}: not inside a git repository") from None


def _tree(repository: Any, revision: str, target: Target) -> Any:
    import pygit2

    try:
        return repository.revparse_single(revision).peel(pygit2.Tree)
    except (KeyError, ValueError, pygit2.GitError):
        raise UsageError(f"{revision}: no such revision in {target.text}") from None


def _staged(repository: Any, blob_id: str) -> bytes:
    data: bytes = repository[blob_id].data
    return data


def _added(patch: Any) -> tuple[tuple[int, int], ...]:
    """The new lines of a patch, neighbours folded into ranges. A patch without any gives a range that holds none."""
    ranges: list[tuple[int, int]] = [(0, 0)]
    for hunk in patch.hunks:
        for line in hunk.lines:
            if line.origin != "+":
                continue
            first, count = ranges[-1]
            if first + count == line.new_lineno:
                ranges[-1] = (first, count + 1)
            else:
                ranges.append((line.new_lineno, 1))
    return tuple(ranges)


def _is_below(path: str, folder: str) -> bool:
    return folder in (".", path) or path.startswith(folder + "/")


def _within(ranges: tuple[tuple[int, int], ...]) -> Callable[[int], bool] | None:
    """Whether a line is new; None, meaning all of it, for what has no lines."""
    if not ranges:
        return None
    return lambda line: any(first <= line < first + count for first, count in ranges)
