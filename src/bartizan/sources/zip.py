"""Opens zip files and their kin: jar, wheel, torch, npz, Office documents."""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, pairwise
from typing import Any

from bartizan.model.blob import Blob, Buffer
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import SourceError
from bartizan.sources.budget import Budget
from bartizan.sources.member import Found, member_blob, stored, unread, unsafe_name
from bartizan.syntax.zipindex import Entry, central_entries, find_index, local_entry

_LOCAL = re.compile(rb"PK\x03\x04")
_NEXT = re.compile(rb"PK(?:\x01\x02|\x03\x04|\x05\x06|\x07\x08)")
_CHUNK = 1 << 20
BAD_SUM = "the checksum does not fit"
MODELS = frozenset({"torch-zip", "npz", "keras-zip"})
"""Archives that are one model file."""


def open_zip(blob: Blob, budget: Budget) -> Iterator[Found]:
    """Every member once: those of the central directory, then those that only a local header speaks of.

    Raises SourceError at the end when the archive is damaged; what could be read has been given by then.
    """
    data = blob.data
    index = find_index(data)
    spans: list[tuple[int, int]] = []
    seen: set[int] = set()
    count, packed = 0, 0
    for entry in islice(central_entries(data, index), budget.limits.members + 1) if index else ():
        count += 1
        budget.count()
        if entry.offset in seen:
            continue
        seen.add(entry.offset)
        packed += max(entry.packed, 0)
        if packed > len(data):
            raise SourceError("the members of the zip file overlap; the rest is unread")
        yield from _open_entry(blob, entry, budget, spans)
    damage = ""
    if index is None:
        damage = "the zip file has no usable table of contents; read by its local headers"
    elif count != index.count & 0xFFFF and count != index.count:
        damage = f"the zip file promises {index.count} members and lists {count}"
    yield from _open_unlisted(blob, budget, spans, seen, everywhere=bool(damage))
    if damage:
        raise SourceError(damage)


def _open_entry(blob: Blob, entry: Entry, budget: Budget, spans: list[tuple[int, int]]) -> Iterator[Found]:
    found = local_entry(blob.data, entry.offset)
    if found is None:
        yield unread(blob, entry.name, "the zip file holds nothing where its table of contents points")
        return
    local, start = found
    packed = entry.packed if entry.packed >= 0 else local.packed
    stop = start + packed
    if stop > len(blob.data):
        spans.append((entry.offset, len(blob.data)))
    else:
        spans.append((entry.offset, stop))
    if entry.is_folder and not packed:
        return
    if entry.is_link:
        return
    yield from unsafe_name(blob, entry.name)
    yield from _read(blob, entry, start, stop, budget)


def _read(blob: Blob, entry: Entry, start: int, stop: int, budget: Budget) -> Iterator[Found]:
    """The member as a blob, what kept it from being read, or both when its data is damaged."""
    content, flaw = unpack_entry(blob.data, entry, start, stop, budget)
    if entry.is_encrypted and flaw:
        # Some readers ignore the flag and so do we; real encryption cannot give the right checksum.
        yield _flawed(blob, entry, "encrypted")
        return
    if content is not None:
        size = len(content) if entry.method else 0  # what is stored is a view of the archive
        budget.held += size
        try:
            yield member_blob(blob, entry.name, content, entry.mode & 0o7777 or None)
        finally:
            budget.held -= size
    if flaw:
        yield _flawed(blob, entry, flaw)


def _flawed(blob: Blob, entry: Entry, flaw: str) -> Coverage:
    """What is said of a bad member. Model archives have readers of their own, which go by the bytes as the frameworks
    do, whatever sum, method or flag says: these judge what could not be read.
    """
    said = unread(blob, entry.name, flaw)
    own = blob.format in MODELS and (entry.is_encrypted or flaw == BAD_SUM or flaw.startswith("packed with method"))
    return replace(said, outcome=Outcome.SKIPPED) if own else said


def unpack_entry(data: Buffer, entry: Entry, start: int, stop: int, budget: Budget) -> tuple[Buffer | None, str]:
    """The content of an entry whose data lies in `start` to `stop`, and what is wrong with it.

    Content of the wrong length or checksum is given all the same; of a member beyond the limits only a text's
    beginning is.
    """
    cut = "ends early" if stop > len(data) else ""
    if entry.method == 0:
        content: Buffer | None = stored(data, start, min(stop, len(data)))
        if isinstance(content, bytes) and not cut and zlib.crc32(content) != entry.crc:
            return content, BAD_SUM
        return content, cut
    decoder = _decoder(entry.method, data, start)
    if isinstance(decoder, str):
        return None, decoder
    if entry.method == 14:
        start += 4 + int.from_bytes(data[start + 2 : start + 4], "little")
    content, flaw = _unpack(decoder, memoryview(data)[start : min(stop, len(data))], budget)
    if content is not None and not flaw:
        if zlib.crc32(content) != entry.crc:
            flaw = BAD_SUM
        return content, flaw
    return content, flaw or cut


def _unpack(decoder: Any, packed: memoryview, budget: Budget) -> tuple[Buffer | None, str]:
    room = budget.room()
    step = len(packed) if isinstance(decoder, _Zstd) else _CHUNK
    content, at, tail = bytearray(), 0, b""
    try:
        while not decoder.eof:
            feed = tail or packed[at : at + step]
            if not tail:
                at += len(feed)
            part = decoder.decompress(feed, _CHUNK)
            if not len(feed) and not part and not decoder.eof and getattr(decoder, "needs_input", True):
                return bytes(content), "the packed data ends early"
            tail = getattr(decoder, "unconsumed_tail", b"")
            budget.spend(len(part))
            content += part
            if len(content) > room or budget.is_bomb(len(content), at - len(tail)):
                return _beginning(
                    content
                ), f"unpacks to more than {min(room, len(content)) >> 20} MiB; not read further"
    except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError) as error:
        return bytes(content) or None, f"the packed data is broken: {str(error)[:100]}"
    except MemoryError:
        return None, "the packed data asks for too much memory"
    return bytes(content) if len(content) <= 16 << 20 else memoryview(content).toreadonly(), ""


def _beginning(content: bytearray) -> Buffer | None:
    """Of what is too large the first part, when it is text: lines stand on their own, other formats do not."""
    return memoryview(content).toreadonly() if b"\0" not in content[:4096] else None


def _decoder(method: int, data: Buffer, start: int) -> Any:
    """A decompressor with `decompress(data, limit)` and `eof`; a text that says why there is none."""
    if method == 8:
        return zlib.decompressobj(-15)
    if method == 12:
        return bz2.BZ2Decompressor()
    if method == 14:
        length = int.from_bytes(data[start + 2 : start + 4], "little")
        properties = bytes(data[start + 4 : start + 4 + length])
        if len(properties) < 5 or properties[0] >= 225:
            return "the packed data is broken: LZMA properties"
        dictionary = int.from_bytes(properties[1:5], "little")
        if dictionary > 256 << 20:
            return "the packed data asks for too much memory"
        lc, rest = properties[0] % 9, properties[0] // 9
        chain = {"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096), "lc": lc, "lp": rest % 5, "pb": rest // 5}
        if lc + rest % 5 > 4:
            return "the packed data is broken: LZMA properties"
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain])
    if method == 95:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 << 20)
    if method == 93:
        return _Zstd()
    return f"packed with method {method}, which cannot be read"


class _Zstd:
    """zstandard with the interface of the standard library's decompressors."""

    def __init__(self) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        self._make = zstandard.ZstdDecompressor(max_window_size=256 << 20)
        self._reader: Any = None
        self.eof = False
        self.needs_input = True

    def decompress(self, data: Buffer, limit: int) -> bytes:
        """All input comes with the first call that has any; later ones only take output."""
        if self._reader is None:
            self._reader = self._make.stream_reader(bytes(data))
            self.needs_input = False
        try:
            part: bytes = self._reader.read(limit)
        except self._error as error:
            raise ValueError(str(error)) from None
        self.eof = not part
        return part


def _open_unlisted(
    blob: Blob, budget: Budget, spans: list[tuple[int, int]], seen: set[int], *, everywhere: bool
) -> Iterator[Found]:
    """Members whose local header lies where no listed member does: right behind one, or anywhere when damaged."""
    at = 0
    for offset in _gaps(blob.data, spans, everywhere=everywhere):
        if offset < at or offset in seen:
            continue
        found = local_entry(blob.data, offset)
        if found is None or not found[0].name or found[0].method > 99:
            continue
        entry, start = found
        budget.count()
        stop = start + entry.packed if entry.packed >= 0 else _end_of_data(blob.data, start)
        at = min(stop, len(blob.data)) if everywhere else 0
        if entry.is_folder:
            continue
        if entry.packed < 0:
            entry = _measured(blob.data, entry, stop)
        yield from unsafe_name(blob, entry.name)
        yield from _read(blob, entry, start, stop, budget)


def _gaps(data: Buffer, spans: list[tuple[int, int]], *, everywhere: bool) -> Iterator[int]:
    if not everywhere:
        for (_, stop), (following, _) in pairwise([(0, 0), *sorted(spans)]):
            if following - stop >= 30:  # a data descriptor of up to 24 bytes may come first
                found = bytes(data[stop : stop + 28]).find(b"PK\x03\x04")
                if found >= 0:
                    yield stop + found
        return
    inside = sorted(spans)
    position = 0
    for match in _LOCAL.finditer(data):
        while position < len(inside) and inside[position][1] <= match.start():
            position += 1
        if position == len(inside) or match.start() < inside[position][0]:
            yield match.start()


def _end_of_data(data: Buffer, start: int) -> int:
    match = _NEXT.search(data, start)
    return match.start() if match else len(data)


def _measured(data: Buffer, entry: Entry, stop: int) -> Entry:
    """An entry whose header left size and checksum to the data descriptor behind its data (4.3.9)."""
    raw = bytes(data[stop : stop + 16])
    crc = int.from_bytes(raw[4:8], "little") if raw[:4] == b"PK\x07\x08" else 0
    return Entry(entry.name, entry.flags, entry.method, crc, stop - entry.offset, -1, entry.offset)
