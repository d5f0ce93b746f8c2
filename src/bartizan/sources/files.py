"""Files and folders: one read a file, and nothing outside the target."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.model.blob import Blob, Buffer
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target
from bartizan.sources.archive import is_archive, members
from bartizan.sources.directory import Directory, readable
from bartizan.sources.format import sniff
from bartizan.sources.history import History
from bartizan.sources.source import Batch

CHUNK = 256
"""Files of a batch. A batch is also what an interrupted scan may lose."""
MAP_FROM = 1 << 20
"""Larger files are mapped instead of read, so that only what is looked at costs memory."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some files of one folder, relative to the target. The first chunk of a folder stands for the folder too."""

    folder: str
    files: tuple[str, ...]
    first: bool


class Files:
    """Opens a path: a file, or a folder with all below it."""

    def __init__(self, settings: Settings, guard: Guard) -> None:
        self.settings = settings
        self.history = History(settings, guard)

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """Walk the folder; names only, nothing is opened."""
        if not os.path.isdir(target.path):
            yield Batch("files", target, (Chunk("", (os.path.basename(target.path),), first=False),))
            return
        waiting: list[Chunk] = []
        count = 0
        for seen in self._walk(target):
            if isinstance(seen, Chunk):
                waiting.append(seen)
                count += len(seen.files) + 1
                if count >= CHUNK:
                    yield Batch("files", target, tuple(waiting))
                    waiting, count = [], 0
            else:
                yield seen
        if waiting:
            yield Batch("files", target, tuple(waiting))

    def _walk(self, target: Target) -> Iterator[Chunk | Coverage | Batch]:
        if self.settings.history and self.history.opens(target.path):
            yield from self.history.batches(target)
            if self.history.is_bare(target.path):
                return
        pending = [""]
        while pending:
            folder = pending.pop()
            files: list[str] = []
            folders: list[str] = []
            try:
                with os.scandir(os.path.join(target.path, folder)) as entries:
                    for entry in entries:
                        kind = _kind(entry)
                        if kind == "file":
                            files.append(entry.name)
                        elif kind == "folder":
                            folders.append(entry.name)
                        elif (gap := _left_out(entry, kind, target, folder)) is not None:
                            yield gap
            except OSError as error:
                yield Coverage(Outcome.FAILED, readable(folder) or target.text, _reason(error))
                continue
            if folder and "HEAD" in files and {"objects", "refs"}.issubset(folders):
                yield from self._bare(target, folder)
                continue
            yield from self._below(target, folder, folders, pending)
            yield from _chunks(folder, sorted(files))

    def _bare(self, target: Target, folder: str) -> Iterator[Chunk | Batch | Coverage]:
        """A bare repository on the way: its objects are history, not files."""
        if self.settings.history:
            yield from self.history.batches(target, folder)
        yield from _chunks(folder, _git_files(os.path.join(target.path, folder)))

    def _below(
        self, target: Target, folder: str, folders: list[str], pending: list[str]
    ) -> Iterator[Chunk | Batch | Coverage]:
        """Queue the folders below; a `.git` is opened as history instead of file by file."""
        for name in sorted(folders, reverse=True):
            below = f"{folder}/{name}" if folder else name
            if name == ".git":
                if folder and self.settings.history and self.history.opens(os.path.join(target.path, folder)):
                    yield from self.history.batches(target, folder)
                yield from _chunks(below, _git_files(os.path.join(target.path, below)))
                continue
            pending.append(below)

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """Each file as a blob, archives followed by their members, and each folder."""
        for chunk in batch.items:
            yield from self._open_chunk(batch.target, chunk)

    def _open_chunk(self, target: Target, chunk: Chunk) -> Iterator[Subject | Coverage]:
        single = not os.path.isdir(target.path)
        root = os.path.dirname(target.path) if single else target.path
        where = os.path.join(root, chunk.folder) if chunk.folder else root
        prefix = f"{readable(chunk.folder)}/" if chunk.folder else ""
        if chunk.first or single:
            yield Directory(root, chunk.folder, target.label or None, only=chunk.files[0] if single else "")
        try:
            handle = os.open(where, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            yield Coverage(Outcome.FAILED, prefix or target.text, _reason(error))
            return
        try:
            for name in chunk.files:
                path = prefix + readable(name)
                try:
                    data, mode = read_file(name, handle, follow=single)
                except OSError as error:
                    yield Coverage(Outcome.FAILED, path, _reason(error))
                    continue
                blob = Blob(Location(path=path, target=target.label or None), data, sniff(name, data), (), mode)
                yield blob
                if is_archive(blob.format):
                    yield from members(blob, folders=True)
        finally:
            os.close(handle)


_FOLLOW = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_OPEN = _FOLLOW | os.O_NOFOLLOW


def read_file(name: str, folder: int = -1, *, follow: bool = False) -> tuple[Buffer, int]:
    """Content (mapped when large) and permission bits of a regular file. Raises OSError for anything else."""
    handle = os.open(name, _FOLLOW if follow else _OPEN, dir_fd=folder if folder >= 0 else None)
    try:
        status = os.fstat(handle)
        mode, size = status.st_mode, status.st_size
        if not stat.S_ISREG(mode):
            raise OSError(0, "not a regular file")
        if size > MAP_FROM:
            return mmap.mmap(handle, size, access=mmap.ACCESS_READ), mode & 0o7777
        data = os.read(handle, size)
        while len(data) < size and (more := os.read(handle, size - len(data))):
            data += more
        return data, mode & 0o7777
    finally:
        os.close(handle)


def _kind(entry: os.DirEntry[str]) -> str:
    """From what the directory itself says, without a further question where the system allows."""
    if entry.is_file(follow_symlinks=False):
        return "file"
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir(follow_symlinks=False) else "special file"


def _left_out(entry: os.DirEntry[str], kind: str, target: Target, folder: str) -> Coverage | None:
    path = readable(f"{folder}/{entry.name}" if folder else entry.name)
    if kind != "link":
        return Coverage(Outcome.SKIPPED, path, "neither file nor folder")
    real = os.path.realpath(entry.path)
    if not os.path.exists(real):
        return Coverage(Outcome.SKIPPED, path, "link to nothing")
    root = os.path.realpath(target.path)
    if real != root and not real.startswith(root.rstrip(os.sep) + os.sep):
        return Coverage(Outcome.SKIPPED, path, "link out of the target")
    return None


def _chunks(folder: str, files: list[str]) -> Iterator[Chunk]:
    yield Chunk(folder, tuple(files[:CHUNK]), first=not folder.endswith(".git"))
    for start in range(CHUNK, len(files), CHUNK):
        yield Chunk(folder, tuple(files[start : start + CHUNK]), first=False)


def _git_files(folder: str) -> list[str]:
    """What a repository keeps beside its objects and may hold a credential in a remote's URL."""
    return [name for name in ("config", "FETCH_HEAD") if os.path.isfile(os.path.join(folder, name))]


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
