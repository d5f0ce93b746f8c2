"""Says which reader a blob goes to: by what its bytes are, and by its name only for texts that belong to models."""

from __future__ import annotations

import re

from bartizan.model.blob import Blob
from bartizan.sensors.models.pickles.stream import looks_like_start

PACKED = frozenset({"zlib", "gzip", "bzip2", "xz", "lzma", "lz4", "zfile"})
ZIPS = frozenset({"torch-zip", "npz", "keras-zip", "zip", "mar"})
_DIRECT = frozenset(
    {"pickle", "npy", "hdf5", "gguf", "ggml", "safetensors", "onnx", "tf-model", "tflite", "executorch", "rdata"}
)
_WHOLE = frozenset({"torch-zip", "npz", "keras-zip"})
"""Archives that are one artefact: their members are looked at with the whole."""
_TEXTS = frozenset({"text", "utf16", "utf32"})
_OTHER_ZIPS = frozenset({"wheel", "jar", "apk", "ooxml", "empty"})
_UNLIKELY = frozenset(
    [
        "png",
        "jpeg",
        "gif",
        "webp",
        "bmp",
        "pdf",
        "mp3",
        "mp4",
        "wav",
        "elf",
        "pe",
        "macho",
        "class",
        "wasm",
        "pyc",
        "sqlite",
        "parquet",
        "arrow",
        "7z",
        "rar",
        "ar",
        "tar",
        "zstd",
    ]
)
_TEMPLATES = frozenset(
    {"tokenizer_config.json", "processor_config.json", "chat_template.json", "preprocessor_config.json"}
)
_TEMPLATE_NAME = re.compile(r"chat_template.*\.(?:jinja2?|j2|txt)\Z|\.jinja2?\Z")
_CONFIG_SUFFIXES = (".yaml", ".yml", ".json")
_CONFIG_SIZE = 4 << 20
_TARGETS = re.compile(rb"_target_|^\s*target\s*:|class_path|!!python/", re.MULTILINE)
_JSON_KERAS = re.compile(
    rb'"class_name"\s*:\s*"(?:Sequential|Functional|Model|Lambda|Custom>)|"keras_version"|"module"\s*:\s*"keras'
)


def recognise(blob: Blob) -> str:
    """The reader's word: `pickle`, `zip`, `packed`, a format, or `tail` for a zip behind something else; else empty."""
    form = blob.format
    if blob.inside and blob.inside[-1] in _WHOLE and form not in ZIPS:
        return ""
    if form in ("data", "text") and blob.name.lower().endswith((".pdmodel", "__model__")) and blob.data[0] == 0x0A:
        return "paddle"
    if form in _DIRECT:
        if blob.name == "fingerprint.pb":  # beside every SavedModel: digests, no graph
            return ""
        return "coreml" if form == "onnx" and blob.name.endswith(".mlmodel") else form
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
    name = blob.name.lower()
    if blob.format not in _UNLIKELY:
        if head[:1] == b"\x80" and looks_like_start(blob.data):
            return "pickle"
        if name.endswith(".safetensors") and blob.size > 8:
            return "safetensors"
        if name == "keras_metadata.pb":
            return "keras-metadata"
        if name.endswith(".mlmodel"):
            return "coreml"
        if head[:4] == b"CBM1" or (head[:1] == b"{" and b"learner" in bytes(blob.data[:64])):
            return "booster"
    if head[:6] == b"\x93NUMPY":
        return "npy"
    size = blob.size
    if size > 100 and b"PK\x05\x06" in bytes(blob.data[max(0, size - 65557) : size]):
        return "tail"
    return ""


def _text_kind(blob: Blob) -> str:
    if blob.size > 8 and blob.data[0] in b"(c]}i" and looks_like_start(blob.data):
        return "pickle"
    name = blob.name.lower()
    if name in _TEMPLATES or _is_template(blob, name):
        return "template"
    if name == "mlmodel":
        return "mlmodel"
    if name.endswith((".xml", ".pmml")):
        head = bytes(blob.data[:4096])
        return "xml" if b"<PMML" in head or (b"<net " in head and b"layer" in head) else ""
    if blob.size <= _CONFIG_SIZE and name.endswith(_CONFIG_SUFFIXES):
        return _config_kind(blob, name)
    if name.endswith(".txt") and bytes(blob.data[:13]) == b"tree\nversion=":
        return "booster"
    return ""


def _is_template(blob: Blob, name: str) -> bool:
    way = f"{blob.location.path or ''}/{blob.location.member or ''}"
    return _TEMPLATE_NAME.search(name) is not None and ("chat_template" in way)


def _config_kind(blob: Blob, name: str) -> str:
    content = blob.bytes()
    if name.endswith(".json"):
        if content[:12].lstrip().startswith(b'{"learner"'):
            return "booster"
        return "keras-json" if b'"class_name"' in content and _JSON_KERAS.search(content) else ""
    return "config" if _TARGETS.search(content) else ""
