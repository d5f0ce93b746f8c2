"""Says which reader a blob goes to: by what its bytes are, and by its name only for texts that belong to models."""

from __future__ import annotations

from bartizan.model.blob import Blob
from bartizan.sensors.models.pickles.stream import looks_like_start

PACKED = frozenset({"zlib", "gzip", "bzip2", "xz", "lzma", "lz4"})
ZIPS = frozenset({"torch-zip", "npz", "keras-zip", "zip", "mar"})
_DIRECT = frozenset(
    {"pickle", "npy", "hdf5", "gguf", "ggml", "safetensors", "onnx", "tf-model", "tflite", "executorch", "rdata"}
)
_TEXTS = frozenset({"text", "utf16", "utf32", "empty"})
_OTHER_ZIPS = frozenset({"wheel", "jar", "apk", "ooxml"})
_UNLIKELY = frozenset({"png", "jpeg", "gif", "webp", "bmp", "pdf", "mp3", "mp4", "wav", "elf", "pe", "macho", "class", "wasm",
                       "pyc", "sqlite", "parquet", "arrow", "7z", "rar", "ar", "tar", "zstd"})  # fmt: skip


def recognise(blob: Blob) -> str:
    """The reader's word: `pickle`, `zip`, `packed`, a format, `text:<kind>`, `tail` for a zip behind something else."""
    form = blob.format
    if form in _DIRECT:
        return form
    if form in ZIPS:
        return "zip"
    if form in PACKED:
        return "packed"
    if form in _TEXTS:
        return _text_kind(blob)
    if form in _OTHER_ZIPS:
        return ""
    return _binary_kind(blob)


def _binary_kind(blob: Blob) -> str:
    """What the sources had no word for, or another word than a loader would."""
    head = bytes(blob.data[:16])
    if blob.format not in _UNLIKELY and head[:1] == b"\x80" and looks_like_start(blob.data):
        return "pickle"
    if head[:6] == b"\x93NUMPY":
        return "npy"
    size = blob.size
    if size > 100 and b"PK\x05\x06" in bytes(blob.data[max(0, size - 65557) : size]):
        return "tail"
    return ""


def _text_kind(blob: Blob) -> str:
    if blob.size > 8 and blob.data[0] in b"(c]}i" and looks_like_start(blob.data):
        return "pickle"
    return ""
