"""Pickles as they lie in files: raw, packed by joblib, several in a row, with raw arrays between or behind them."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from bartizan.sensors.models.bench import UNPACKED, Bench
from bartizan.sensors.models.files import zipped
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles import verdict
from bartizan.sensors.models.pickles.names import Standing
from bartizan.sensors.models.pickles.stream import Stream, examine, looks_like_start

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer

_TORCH_MAGIC = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
_SHOWN_GLOBALS = 200
_NESTED = 4
_FRAMEWORKS: tuple[str, ...] = (
    *("sklearn", "xgboost", "lightgbm", "catboost", "torch", "transformers", "keras", "tensorflow"),
    *("statsmodels", "pandas", "scipy", "numpy"),
)


class _Decompressor(Protocol):
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


_PACKERS: dict[str, Callable[[], _Decompressor]] = {
    "zlib": zlib.decompressobj,
    "gzip": lambda: zlib.decompressobj(31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ),
    "lzma": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE),
}


def unpack(data: Buffer, packing: str, limit: int) -> bytes:
    """Up to `limit` bytes of a packed stream; what came before an error counts, nothing when it is none."""
    if packing == "zfile":  # 'ZF' and the length in hexadecimal, 21 bytes (joblib/numpy_pickle_compat.py, read_zfile)
        skip = 22 if bytes(data[21:22]) == b" " else 21
        return unpack(memoryview(data)[skip:], "zlib", limit)
    if packing == "lz4":
        from lz4 import frame

        packer: _Decompressor = frame.LZ4FrameDecompressor()
    else:
        packer = _PACKERS[packing]()
    parts: list[bytes] = []
    have = 0
    view = memoryview(data)
    try:
        for at in range(0, len(view), 1 << 16):
            piece = packer.decompress(bytes(view[at : at + (1 << 16)]), limit - have)
            parts.append(piece)
            have += len(piece)
            if have >= limit or getattr(packer, "eof", False):
                break
    except (zlib.error, OSError, EOFError, lzma.LZMAError, RuntimeError, ValueError):
        pass
    return b"".join(parts)


def note(reading: Reading, bench: Bench, stream: Stream, member: str = "", *, script: bool = False) -> None:
    """Put what a stream names and does into the reading. `script` accepts classes that the archive defines itself."""
    if script:
        stream.globals = [seen for seen in stream.globals if not seen.module.startswith("__torch__")]
    reading.add(*verdict.issues(stream, bench.names.reasons, member))
    reading.worsen(stream.standing)
    for inner in stream.everything():
        for start, count in inner.archives:
            _inner_archive(reading, bench, memoryview(inner.data)[start : start + count], member)
    names = reading.properties.setdefault("globals", [])
    for inner in stream.everything():
        for seen in inner.globals:
            text = seen.text[:200]
            if len(names) < _SHOWN_GLOBALS and text not in names:
                names.append(text)
        if not reading.framework:
            reading.framework = framework_of(name.module for name in inner.globals)


def _inner_archive(reading: Reading, bench: Bench, data: Buffer, member: str) -> None:
    """A zip in a literal, as torch.save into bytes gives: its pickles count like the outer one."""
    archive = zipped.read_archive(data)
    if archive is None or member.count("!") > _NESTED:
        return
    for entry in archive.members + archive.stray:
        if entry.name == "config.json":
            content = bytes(zipped.content(data, entry, UNPACKED)).decode("utf-8", "replace")
            import_module("bartizan.sensors.models.files.keras").config_text(reading, bench, content, member)
        if entry.packed and looks_like_start(zipped.head(data, entry)):
            stream = examine(zipped.content(data, entry, UNPACKED), bench.names)
            note(reading, bench, stream, "!".join(part for part in (member, entry.name.replace("!", "%21")) if part))


def framework_of(modules: Iterable[str]) -> str:
    """The library that most likely wrote the names: the first known top package."""
    tops = {module.partition(".")[0] for module in modules}
    return next((name for name in _FRAMEWORKS if name in tops), "")


def read_pickle(reading: Reading, bench: Bench, data: Buffer, start: int = 0, end: int | None = None) -> None:
    """A file that is a pickle, or several; torch's older format and joblib's arrays are known."""
    end = len(data) if end is None else end
    stream = examine(data, bench.names, start, end)
    note(reading, bench, stream)
    legacy = data[start + 2 : start + 2 + len(_TORCH_MAGIC)] == _TORCH_MAGIC
    reading.properties["protocol"] = stream.protocol
    if legacy:
        reading.format, reading.framework = "torch-legacy", "torch"
        reading.properties["storages"] = stream.storages
    elif any(seen.name == "NumpyArrayWrapper" for seen in stream.globals):
        reading.format = "joblib"
    if stream.broken and not (legacy and stream.streams >= 5):
        _broken(reading, stream)
    elif stream.end < end and not legacy:
        reading.properties["trailing_bytes"] = end - stream.end


def _broken(reading: Reading, stream: Stream) -> None:
    reading.worsen(Standing.UNKNOWN)
    reading.add(
        Issue(
            "pickle-broken",
            f"the stream cannot be followed to its end: {stream.broken} at offset {stream.broken_at}",
            offset=stream.broken_at,
            proof=stream.broken,
        )
    )


def read_packed(reading: Reading, bench: Bench, data: Buffer, packing: str) -> bool:
    """A packed pickle as joblib writes it. False when there is no pickle inside."""
    head = unpack(memoryview(data)[: 1 << 16], packing, 256)
    if not looks_like_start(head):
        return False
    reading.format = "joblib"
    reading.properties["compression"] = packing
    inner = unpack(data, packing, UNPACKED)
    if len(inner) >= UNPACKED:
        reading.gaps.append(f"unpacks to more than {UNPACKED} bytes; the rest was not looked at")
    read_pickle(reading, bench, inner)
    reading.format = "joblib"
    return True
