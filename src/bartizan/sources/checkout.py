"""Which blobs of a repository lie unchanged in its working tree."""

from __future__ import annotations

import os
import stat
from hashlib import sha1

from bartizan.model.errors import SourceError
from bartizan.syntax.gitobject import Staged, read_index

_INDEX = 256 << 20


def unchanged_blobs(folder: str, worktree: str) -> set[bytes]:
    """Ids of the blobs that the index names and whose file still has that content: the files source reads those.

    A file with the size and time that the index remembers is taken for unchanged, as git does, unless it was
    written in the second of the index itself; others are hashed.
    """
    path = os.path.join(folder, "index")
    unchanged: set[bytes] = set()
    try:
        written = os.stat(path)
        if not stat.S_ISREG(written.st_mode) or written.st_size > _INDEX or os.path.islink(path):
            return unchanged
        with open(path, "rb") as file:
            data = file.read()
        unchanged.update(entry.blob for entry in read_index(data) if is_unchanged(entry, worktree, written.st_mtime))
    except (OSError, SourceError):
        pass
    return unchanged


def is_unchanged(entry: Staged, worktree: str, written: float) -> bool:
    """Whether the file has the content that the index (last written at `written`, in seconds) names for it."""
    if entry.mode & 0o170000 != 0o100000 or b".." in entry.path.split(b"/") or entry.path.startswith(b"/"):
        return False
    path = os.path.join(os.fsencode(worktree), entry.path)
    try:
        status = os.lstat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size & 0xFFFFFFFF != entry.size:
            return False
        seconds, nanoseconds = entry.mtime
        if status.st_mtime_ns == seconds * 10**9 + nanoseconds and seconds < int(written):
            return True
        return _digest(path, status.st_size) == entry.blob
    except OSError:
        return False


def _digest(path: bytes, size: int) -> bytes:
    """The object id that git gives the file's content."""
    state = sha1(b"blob %d\0" % size, usedforsecurity=False)
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(handle, "rb") as file:
        while part := file.read(1 << 20):
            state.update(part)
    return state.digest()
