"""Takes a blob to the reader of its format."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from bartizan.sensors.models.files import zipped
from bartizan.sensors.models.files.archive import examine_archive, heads, safe_name
from bartizan.sensors.models.files.numpy import MAGIC, read_array
from bartizan.sensors.models.files.pickled import read_packed, read_pickle, unpack
from bartizan.sensors.models.files.torch import read_member, read_torch
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.kinds import recognise
from bartizan.sensors.models.pickles.names import Standing
from bartizan.sensors.models.pickles.stream import looks_like_start

if TYPE_CHECKING:
    from bartizan.model.blob import Blob, Buffer
    from bartizan.sensors.models.bench import Bench
    from bartizan.sensors.models.files.zipped import Archive

_READERS = {
    "hdf5": "keras:read_hdf5",
    "gguf": "gguf:read_gguf",
    "safetensors": "safetensors:read_safetensors",
    "onnx": "onnx:read_onnx",
    "tf-model": "tensorflow:read_saved_model",
    "keras-metadata": "tensorflow:read_keras_metadata",
    "tflite": "tflite:read_tflite",
    "rdata": "rdata:read_rdata",
    "paddle": "paddle:read_paddle",
    "coreml": "coreml:read_coreml",
    "template": "texts:read_template",
    "keras-json": "texts:read_keras_json",
    "config": "texts:read_config",
    "mlmodel": "texts:read_mlmodel",
    "xml": "texts:read_xml",
    "booster": "texts:read_booster",
}
"""Readers of `files`, imported when first needed: `read(reading, bench, data)`."""
_DECLARATIONS = frozenset({"template", "config"})
"""Texts beside models: no asset unless something is wrong with them."""


def read(bench: Bench, blob: Blob) -> Reading | None:
    """What the artefact is and what is wrong with it; None when it turns out to be no model."""
    kind = recognise(blob)
    reading = Reading(kind)
    if kind == "pickle":
        return _pickle(reading, bench, blob)
    if kind == "packed":
        return _packed(reading, bench, blob)
    if kind in ("zip", "tail"):
        return _zip(reading, bench, blob, kind)
    if kind == "npy":
        reading.format, reading.framework = "npy", "numpy"
        read_array(reading, bench, blob.data)
    elif kind in _READERS:
        module, _, name = _READERS[kind].partition(":")
        getattr(import_module(f"bartizan.sensors.models.files.{module}"), name)(reading, bench, blob.data)
        if reading.properties.get("operators") == 0 and not reading.issues:
            return None
        if kind in _DECLARATIONS and not reading.issues and "chat_templates" not in reading.properties:
            return None
    return reading


def _pickle(reading: Reading, bench: Bench, blob: Blob) -> Reading | None:
    read_pickle(reading, bench, blob.data)
    if blob.format != "pickle" and not _certain(reading):
        return None
    suffix = blob.name.rpartition(".")[2].lower()
    if "." in blob.name and suffix in bench.words("inert-suffixes"):
        reading.add(Issue("disguised-pickle", f"named .{suffix}, but its content is a pickle", proof=suffix))
        reading.worsen(Standing.REVIEW)
    return reading


def _certain(reading: Reading) -> bool:
    """Whether something that only began like a pickle is one: it ends as one, or names what nobody names by chance."""
    broken = any(issue.rule == "pickle-broken" for issue in reading.issues)
    return not broken or reading.standing is Standing.DENY


def _packed(reading: Reading, bench: Bench, blob: Blob) -> Reading | None:
    if read_packed(reading, bench, blob.data, blob.format):
        return reading
    head = unpack(memoryview(blob.data)[:4096], blob.format, 8)
    if head[:5] in (b"RDX2\n", b"RDX3\n") or head[:4] == b"X\n\0\0":
        import_module("bartizan.sensors.models.files.rdata").read_rdata(reading, bench, blob.data)
        return reading
    return None


def _zip(reading: Reading, bench: Bench, blob: Blob, kind: str) -> Reading | None:
    archive = zipped.read_archive(blob.data)
    if archive is None:
        return None
    if kind == "tail":
        return _behind(reading, bench, blob, archive)
    reading.format = blob.format
    schema = next((member for member in archive.members if member.name == "schema.json"), None)
    if blob.format == "torch-zip":
        read_torch(reading, bench, blob.data, archive)
    elif blob.format == "npz":
        _npz(reading, bench, blob.data, archive)
    elif blob.format == "keras-zip":
        import_module("bartizan.sensors.models.files.keras").read_keras(reading, bench, blob.data, archive)
    elif schema is not None and b'"__class__"' in bytes(zipped.content(blob.data, schema, 1 << 16)):
        import_module("bartizan.sensors.models.files.skops").read_skops(reading, bench, blob.data, archive, schema)
    else:
        return reading if _any_zip(reading, bench, blob.data, archive) else None
    return reading


def _npz(reading: Reading, bench: Bench, data: Buffer, archive: Archive) -> None:
    reading.framework = "numpy"
    examine_archive(reading, data, archive)
    for member, head in heads(data, archive):
        if head.startswith(MAGIC):
            content = zipped.content(data, member, zipped.MEMBER_LIMIT)
            read_array(reading, bench, content, safe_name(member.name))
        elif looks_like_start(head):
            read_member(reading, bench, data, member, script=False, quiet=False)


def _any_zip(reading: Reading, bench: Bench, data: Buffer, archive: Archive) -> bool:
    """A zip of any kind: a model only when a pickle, or an array of objects, is in it."""
    found = False
    for member, head in heads(data, archive):
        if looks_like_start(head):
            before = len(reading.issues)
            read_member(reading, bench, data, member, script=False, quiet=True)
            found = found or len(reading.issues) > before or "globals" in reading.properties
    if found:
        examine_archive(reading, data, archive)
    return found


def _behind(reading: Reading, bench: Bench, blob: Blob, archive: Archive) -> Reading | None:
    """A zip with something else in front: two formats in one file, each loader sees its own."""
    names = [member.name for member in archive.members]
    torch = any(name.endswith("data.pkl") for name in names)
    reading.format = "torch-zip" if torch else "zip"
    weights = next((member for member in archive.members if member.name.endswith(".gguf")), None)
    if weights is not None and blob.format in ("elf", "pe", "macho", "text", "data"):
        reading.format = "llamafile"
        content = zipped.content(blob.data, weights, max(weights.packed, 1))
        import_module("bartizan.sensors.models.files.gguf").read_gguf(reading, bench, content)
        reading.format = "llamafile"
        return reading
    archive.truncated = False  # the tail of a packed stream may hold shreds of what was packed, and no zip
    if not _any_zip(reading, bench, blob.data, archive):
        return None
    reading.add(Issue("polyglot", f"begins as {blob.format} and ends as a zip archive that holds a pickle",
                      offset=archive.first, proof=blob.format))  # fmt: skip
    reading.worsen(Standing.REVIEW)
    return reading
