"""Opens tar files, container image layers among them: as a view of a buffer, or from a compressed stream."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Any

from bartizan.model.blob import Blob, Buffer
from bartizan.model.errors import LimitError, SourceError
from bartizan.sources.budget import Budget
from bartizan.sources.member import Found, member_blob, stored, unread, unsafe_name
from bartizan.sources.unpack import OversizeError, Unpacked

_BROKEN = (
    tarfile.TarError,
    ValueError,
    EOFError,
    OverflowError,
    OSError,
    RecursionError,
    KeyError,
    IndexError,
    TypeError,
)
"""What tarfile raises for headers that make no sense."""


class View(io.RawIOBase):
    """A buffer as a seekable file, without a copy of the whole."""

    def __init__(self, data: Buffer) -> None:
        super().__init__()
        self._data = memoryview(data)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        base = {0: 0, 1: self._at, 2: len(self._data)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        stop = len(self._data) if size is None or size < 0 else self._at + size
        part = bytes(self._data[self._at : stop])
        self._at += len(part)
        return part


def open_tar(blob: Blob, budget: Budget) -> Iterator[Found]:
    """The regular files of a tar file in memory; large ones are views of it. Raises SourceError where it breaks."""
    with _opened(View(blob.data), "r:") as archive:
        for info in _walk(archive, budget):
            if not info.isreg():
                continue
            yield from unsafe_name(blob, info.name)
            if info.issparse():
                yield from _read_out(blob, archive, info, budget)
                continue
            stop = info.offset_data + info.size
            content = stored(blob.data, info.offset_data, min(stop, blob.size))
            if stop > blob.size:
                if len(content):
                    yield member_blob(blob, info.name, content, info.mode & 0o7777)
                raise SourceError(f"the tar file ends early, inside {info.name[:200]}")
            yield member_blob(blob, info.name, content, info.mode & 0o7777)


def open_tar_stream(blob: Blob, stream: Any, budget: Budget) -> Iterator[Found]:
    """The regular files of a tar file that is being unpacked: each is held in memory only while it is looked at."""
    with _opened(stream, "r|") as archive:
        for info in _walk(archive, budget):
            if info.isreg():
                yield from unsafe_name(blob, info.name)
                yield from _read_out(blob, archive, info, budget)


def _opened(file: Any, mode: Any) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=file, mode=mode, errors="surrogateescape")
    except _BROKEN as error:
        raise SourceError(f"the tar file is broken: {_first_line(error)}") from None


def _walk(archive: tarfile.TarFile, budget: Budget) -> Iterator[tarfile.TarInfo]:
    remembering: Any = archive
    while True:
        try:
            info = archive.next()
        except _BROKEN as error:
            raise SourceError(f"the tar file is broken: {_first_line(error)}") from None
        if info is None:
            return
        remembering.members = []  # tarfile remembers every member for lookups that nobody makes here
        budget.count()
        yield info


def _read_out(blob: Blob, archive: tarfile.TarFile, info: tarfile.TarInfo, budget: Budget) -> Iterator[Found]:
    """Read a member into memory; of one that is too large, only the beginning of a text."""
    room = budget.room()
    try:
        file = archive.extractfile(info)
        content = file.read(min(info.size, room)) if file else b""
    except _BROKEN as error:
        raise SourceError(f"the tar file is broken: {_first_line(error)}") from None
    if info.issparse():
        budget.spend(len(content))
    if info.size > room and b"\0" in content[:4096]:
        yield unread(blob, info.name, f"larger than {room >> 20} MiB; not read")
        return
    budget.held += len(content)
    try:
        yield member_blob(blob, info.name, content, info.mode & 0o7777)
    finally:
        budget.held -= len(content)
    if info.size > room:
        yield unread(blob, info.name, f"larger than {room >> 20} MiB; not read further")
    elif len(content) < info.size:
        raise SourceError(f"the tar file ends early, inside {info.name[:200]}")


def open_stream(blob: Blob, budget: Budget) -> Iterator[Found]:
    """A single compressed stream: a tar file member by member, anything else as one blob at the same place."""
    stream = Unpacked(blob.data, blob.format, budget)
    name = blob.name.rpartition(".")[0] or blob.name
    head, flaw = _read_until_flaw(stream, 4096)
    inner = member_format(name, head)
    if inner == "tar" and not flaw:
        shown = Blob(blob.location, b"", "tar", (*blob.inside, blob.format))
        yield from open_tar_stream(shown, _Chained(head, stream), budget)
        return
    room = budget.room()
    rest, flaw = (b"", flaw) if flaw else _read_until_flaw(stream, room - len(head) + 1)
    content = head + rest
    if len(content) > room:
        flaw = OversizeError(f"unpacks to more than {room >> 20} MiB; not read further")
    if content and (inner in ("text", "utf16") or not isinstance(flaw, OversizeError | LimitError)):
        budget.held += len(content)
        try:
            yield Blob(blob.location, content, member_format(name, content), (*blob.inside, blob.format), blob.mode)
        finally:
            budget.held -= len(content)
    if flaw:
        raise flaw


def member_format(name: str, data: bytes) -> str:
    """The word for unpacked content."""
    from bartizan.sources.format import sniff

    return sniff(name, data)


def _read_until_flaw(stream: Unpacked, size: int) -> tuple[bytes, SourceError | None]:
    parts: list[bytes] = []
    got = 0
    try:
        while got < size and (part := stream.read_some(min(1 << 20, size - got))):
            parts.append(part)
            got += len(part)
    except SourceError as error:
        return b"".join(parts), error
    return b"".join(parts), None


class _Chained(io.RawIOBase):
    """What has been read of a stream, and the rest of it."""

    def __init__(self, head: bytes, stream: Unpacked) -> None:
        super().__init__()
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._head:
            part = self._head if size < 0 else self._head[:size]
            self._head = self._head[len(part) :]
            return part if len(part) == size else part + self._stream.read(-1 if size < 0 else size - len(part))
        return self._stream.read(size)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
