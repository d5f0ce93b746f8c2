"""Decompressed bytes as a bounded stream, whatever the compressor."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from typing import Any

from bartizan.model.blob import Buffer
from bartizan.model.errors import SourceError
from bartizan.sources.budget import Budget

_FEED = 1 << 16
_GIVE = 1 << 20
_MEMORY = 256 << 20
"""What a decompressor may allocate for its dictionary."""

STREAMS = frozenset({"gzip", "zlib", "bzip2", "xz", "lzma", "zstd", "lz4"})


class OversizeError(SourceError):
    """One member is too large for memory, or a bomb; its neighbours are not concerned."""


class Unpacked(io.RawIOBase):
    """Reads a single-stream compressed buffer from its beginning; members that follow one another are joined.

    Reading raises SourceError where the data is broken or ends early, OversizeError for a bomb, and LimitError past the
    budget. `position` is how much has been given out.
    """

    def __init__(self, data: Buffer, kind: str, budget: Budget) -> None:
        super().__init__()
        self._data = memoryview(data)
        self._kind = kind
        self._budget = budget
        self._fed = 0
        self._decoder: Any = None
        self._feed = _Feed(self._data)
        self._pending = b""
        self._done = False
        self.position = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes, exactly `size` unless the stream ends."""
        parts: list[bytes] = []
        got = 0
        while size < 0 or got < size:
            part = self.read_some(_GIVE if size < 0 else min(_GIVE, size - got))
            if not part:
                break
            parts.append(part)
            got += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_some(self, size: int) -> bytes:
        """At least one byte and at most `size`, or none at the end."""
        while not self._done:
            try:
                part = self._step(size)
            except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError, RuntimeError) as error:
                raise SourceError(f"the {self._kind} data is broken: {_first_line(error)}") from None
            except MemoryError:
                raise SourceError(f"the {self._kind} data asks for more than {_MEMORY >> 20} MiB of memory") from None
            if part:
                self.position += len(part)
                self._budget.spend(len(part))
                if self._budget.is_bomb(self.position, self._fed):
                    raise OversizeError(
                        f"unpacks to more than {self._budget.limits.ratio} times its size; not read further"
                    )
                return part
        return b""

    def _step(self, size: int) -> bytes:
        """Feed the decoder once."""
        if self._kind == "zstd":
            return self._step_zstd(size)
        if self._decoder is None:
            self._decoder = _decoder(self._kind)
        hungry = getattr(self._decoder, "needs_input", True)
        feed = self._pending
        if not feed and hungry:
            feed = bytes(self._data[self._fed : self._fed + _FEED])
            self._fed += len(feed)
        self._pending = b""
        part: bytes = self._decoder.decompress(feed, size) if feed or not hungry or self._is_zlib() else b""
        if not feed and hungry and not part and not self._decoder.eof:
            self._done = True
            raise SourceError(f"the {self._kind} data ends early")
        if self._decoder.eof:
            self._next_member(self._decoder.unused_data or b"")
        else:
            self._pending = getattr(self._decoder, "unconsumed_tail", b"")
        return part

    def _is_zlib(self) -> bool:
        """Only zlib may hold back output without saying so: it has taken all input and has more to give."""
        return self._kind in ("gzip", "zlib")

    def _next_member(self, rest: bytes) -> None:
        """Go on with what follows a finished member; padding and rubbish behind it are left alone, as gzip does."""
        rest = rest or b""
        self._decoder = None
        follows = (rest + bytes(self._data[self._fed : self._fed + 16])).lstrip(b"\0")
        if _begins(self._kind, follows):
            self._pending = rest.lstrip(b"\0") if rest.strip(b"\0") else b""
        else:
            self._done = True

    def _step_zstd(self, size: int) -> bytes:
        import zstandard

        if self._decoder is None:
            decoder = zstandard.ZstdDecompressor(max_window_size=_MEMORY)
            source: Any = self._feed
            self._decoder = decoder.stream_reader(source, read_size=_FEED, read_across_frames=True)
        try:
            part: bytes = self._decoder.read(size)
            promised = zstandard.frame_content_size(bytes(self._data[:18])) if not part else 0
        except zstandard.ZstdError as error:
            raise ValueError(_first_line(error)) from None
        self._fed = self._feed.fed
        if not part:
            self._done = True
            if self.position < promised:
                raise SourceError("the zstd data ends early")
        return part


class _Feed:
    """The compressed side of a stream as the object with `read` that zstandard wants.

    It knows nothing of the stream: zstandard's reader takes no part in garbage collection, and a circle of
    references through it would never be freed.
    """

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self.fed = 0

    def read(self, size: int) -> bytes:
        part = bytes(self._data[self.fed : self.fed + size])
        self.fed += len(part)
        return part


def _decoder(kind: str) -> Any:
    if kind in ("gzip", "zlib"):
        return zlib.decompressobj(31 if kind == "gzip" else 15)
    if kind == "bzip2":
        return bz2.BZ2Decompressor()
    if kind == "lz4":
        import lz4.frame

        return lz4.frame.LZ4FrameDecompressor()
    return lzma.LZMADecompressor(lzma.FORMAT_XZ if kind == "xz" else lzma.FORMAT_ALONE, memlimit=_MEMORY)


def _begins(kind: str, head: bytes) -> bool:
    starts = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ", "lz4": b"\x04\x22\x4d\x18"}
    return kind in starts and head.startswith(starts[kind])


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
