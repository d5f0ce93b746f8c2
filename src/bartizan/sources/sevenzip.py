"""Opens 7z files in memory with py7zr."""

from __future__ import annotations

import lzma
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from bartizan.model.blob import Blob
from bartizan.model.errors import LimitError, SourceError
from bartizan.sources.budget import Budget
from bartizan.sources.member import Found, member_blob, unread, unsafe_name
from bartizan.sources.tar import View


def open_7z(blob: Blob, budget: Budget) -> Iterator[Found]:
    """Its files, as far as they fit into memory together: the format unpacks them in one go.

    Raises SourceError when it is encrypted or breaks; what was unpacked before has been given by then.
    """
    taken: list[_Kept] = []
    refused: list[str] = []
    flaw = _unpack(blob, budget, taken, refused)
    held = sum(len(kept.content) for kept in taken)
    budget.held += held
    try:
        for kept in taken:
            if kept.is_complete:
                yield from unsafe_name(blob, kept.name)
                yield member_blob(blob, kept.name, bytes(kept.content))
    finally:
        budget.held -= held
    for name in refused:
        yield unread(blob, name, "too large to be unpacked in memory")
    if flaw:
        raise flaw


def _unpack(blob: Blob, budget: Budget, taken: list[_Kept], refused: list[str]) -> SourceError | None:
    """Fill both lists; what went wrong is given back, so that what was unpacked before it is not lost."""
    import py7zr
    import py7zr.exceptions

    broken = (
        py7zr.exceptions.ArchiveError, lzma.LZMAError, zlib.error, struct.error, EOFError, OSError, ValueError,
        LookupError, TypeError, AttributeError, AssertionError, OverflowError, NotImplementedError, RuntimeError,
    )  # fmt: skip
    file: Any = View(blob.data)
    try:
        with py7zr.SevenZipFile(file) as archive:
            if archive.needs_password():
                return SourceError("the 7z file is encrypted")
            _register(archive, budget, taken, refused)
            # Files that are passed over are unpacked too, and no write tells of them.
            archive.worker.max_extract_size = max(0, budget.limits.unpacked - budget.unpacked)
            archive.worker.extract(archive.fp, None, parallel=False)
    except py7zr.exceptions.PasswordRequired:
        return SourceError("the 7z file is encrypted")
    except py7zr.exceptions.DecompressionBombError:
        return LimitError(f"unpacks to more than {budget.limits.unpacked >> 20} MiB; the rest is unread")
    except SourceError as error:
        return error
    except broken as error:
        return SourceError(
            f"the 7z file is broken: {(str(error).splitlines() or [''])[0][:120] or type(error).__name__}"
        )
    except MemoryError:
        return SourceError("the 7z file asks for too much memory")
    return None


def _register(archive: Any, budget: Budget, taken: list[_Kept], refused: list[str]) -> None:
    """Tell py7zr which files to unpack and where to. Its own `extract` would refuse names that lead outside."""
    from py7zr.io import MemIO

    room = budget.room()
    for file in archive.files:
        budget.count()
        wanted = not (file.is_directory or file.is_symlink or file.is_socket or file.is_junction)
        if wanted and file.uncompressed > room:
            refused.append(file.filename)
            wanted = False
        if not wanted:
            archive.worker.register_filelike(file.id, None)
            continue
        room -= file.uncompressed
        kept = _Kept(file.filename, file.uncompressed, budget)
        taken.append(kept)
        factory: Any = _One(kept)
        archive.worker.register_filelike(file.id, MemIO(file.filename, factory))


class _One:
    """The factory that py7zr asks for the place of one file."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def create(self, filename: str) -> _Kept:
        return self._kept


class _Kept:
    """One file being unpacked: py7zr's Py7zIO by shape."""

    def __init__(self, name: str, expected: int, budget: Budget) -> None:
        self.name = name
        self.content = bytearray()
        self._expected = expected
        self._budget = budget

    @property
    def is_complete(self) -> bool:
        """All of it came."""
        return len(self.content) >= self._expected

    def write(self, part: bytes | bytearray) -> int:
        self._budget.spend(len(part))
        if len(self.content) + len(part) > self._expected:
            raise SourceError("the 7z file holds more than its table of contents says")
        self.content += part
        return len(part)

    def read(self, size: int | None = None) -> bytes:
        return bytes(self.content[:size])

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        """Nothing waits."""

    def size(self) -> int:
        return len(self.content)

    def close(self) -> None:
        """Kept until it has been looked at."""
