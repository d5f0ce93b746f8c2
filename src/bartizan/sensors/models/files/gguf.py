"""GGUF: every count and length checked before use; chat templates parsed. Format: ggml/docs/gguf.md."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from bartizan.sensors.models.issue import Issue, Reading, structure_digest, text_digest
from bartizan.sensors.models.pickles.names import Standing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_PAIRS, _TENSORS, _TEXT, _KEY, _DIMENSIONS = 65_536, 1_000_000, 16 << 20, 65_535, 4
_TYPES: dict[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66),
    17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54),
    35: (256, 66), 39: (32, 17),
}  # fmt: skip
"""ggml type to elements of a block and bytes of a block."""


class _Fault(Exception):  # noqa: N818 - what the bytes are
    """What a reader that trusts the file would trip over."""


class _Cursor:
    """Reads numbers and texts, never past the end."""

    def __init__(self, data: Buffer, order: str) -> None:
        self.data, self.size, self.order, self.at = data, len(data), order, 4
        self.wide = "Q"

    def number(self, code: str) -> Any:
        form = struct.Struct(self.order + code)
        if form.size > self.size - self.at:
            raise _Fault("ends in the middle of its header")
        value = form.unpack(self.data[self.at : self.at + form.size])[0]
        self.at += form.size
        return value

    def text(self, what: str, limit: int) -> str:
        length = self.number(self.wide)
        if length > limit or length > self.size - self.at:
            raise _Fault(f"{what} claims {length} bytes")
        value = bytes(self.data[self.at : self.at + length]).decode("utf-8", "replace")
        self.at += length
        return value


def read_gguf(reading: Reading, bench: Bench, data: Buffer) -> None:
    """Header, metadata, tensor table, templates."""
    reading.format, reading.framework = "gguf", "ggml"
    version = struct.unpack("<I", bytes(data[4:8]).ljust(4, b"\0"))[0]
    cursor = _Cursor(data, ">" if version & 0xFFFF == 0 and version else "<")
    pairs: dict[str, Any] = {}
    try:
        version = cursor.number("I")
        if not 1 <= version <= 3:
            raise _Fault(f"version {version}")
        cursor.wide = "I" if version == 1 else "Q"
        tensors, count = cursor.number(cursor.wide), cursor.number(cursor.wide)
        if count > _PAIRS or tensors > _TENSORS or count * 12 > cursor.size or tensors * 24 > cursor.size:
            raise _Fault(f"claims {tensors} tensors and {count} metadata entries in {cursor.size} bytes")
        reading.properties.update(version=version, tensors=tensors)
        _metadata(cursor, count, pairs)
        reading.properties["structure"] = _tensors(cursor, tensors, pairs)
    except _Fault as fault:
        reading.worsen(Standing.REVIEW)
        reading.add(Issue("gguf-header", f"{fault} (at offset {cursor.at})", offset=cursor.at, proof=str(fault)))
    for key in ("general.architecture", "general.name", "general.license", "general.file_type", "general.quantized_by"):
        if isinstance(pairs.get(key), str | int):
            reading.properties[key.partition(".")[2]] = pairs[key]
    _templates(reading, bench, pairs)


def _metadata(cursor: _Cursor, count: int, pairs: dict[str, Any]) -> None:
    for _ in range(count):
        key = cursor.text("a key", _KEY)
        if key in pairs:
            raise _Fault(f"the key {key[:80]!r} stands twice")
        pairs[key] = _value(cursor, cursor.number("I"), key, 0)


def _value(cursor: _Cursor, kind: int, key: str, depth: int) -> Any:
    if kind == _STRING:
        return cursor.text(f"the value of {key[:80]!r}", _TEXT)
    if kind == _ARRAY:
        return _array(cursor, key, depth)
    if kind not in _SCALARS:
        raise _Fault(f"value type {kind} of {key[:80]!r}")
    return cursor.number(_SCALARS[kind])


def _array(cursor: _Cursor, key: str, depth: int) -> Any:
    kind, length = cursor.number("I"), cursor.number(cursor.wide)
    if depth > 4:
        raise _Fault(f"arrays in {key[:80]!r} nest too deep")
    if kind in _SCALARS:
        width = struct.calcsize("<" + _SCALARS[kind])
        if length * width > cursor.size - cursor.at:
            raise _Fault(f"the array {key[:80]!r} claims {length} entries")
        cursor.at += length * width
        return None
    if length * 8 > cursor.size - cursor.at or kind not in (_STRING, _ARRAY):
        raise _Fault(f"the array {key[:80]!r} claims {length} entries of type {kind}")
    if kind == _STRING and not key.startswith("tokenizer.chat_template"):
        _skip_texts(cursor, key, length)
        return None
    return [_value(cursor, kind, key, depth + 1) for _ in range(length)]


def _skip_texts(cursor: _Cursor, key: str, length: int) -> None:
    """Vocabularies: a hundred thousand texts whose lengths matter and whose content does not."""
    data, at, size = cursor.data, cursor.at, cursor.size
    form = struct.Struct(cursor.order + cursor.wide)
    unpack, width = form.unpack_from, form.size
    for _ in range(length):
        if size - at < width:
            raise _Fault(f"the array {key[:80]!r} runs past the end")
        at += width + unpack(data, at)[0]
        if at > size:
            raise _Fault(f"a text of {key[:80]!r} runs past the end")
    cursor.at = at


def _tensors(cursor: _Cursor, count: int, pairs: dict[str, Any]) -> str:
    """Check the tensor table; the digest of names, types and shapes."""
    alignment = pairs.get("general.alignment", 32)
    if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1) or alignment > 1 << 20:
        raise _Fault(f"alignment {alignment}")
    names: set[str] = set()
    ends: list[tuple[int, int, str]] = []
    shapes: list[str] = []
    for _ in range(count):
        name = cursor.text("a tensor's name", _KEY)
        if name in names:
            raise _Fault(f"the tensor {name[:80]!r} stands twice")
        names.add(name)
        dimensions = cursor.number("I")
        if dimensions > _DIMENSIONS:
            raise _Fault(f"the tensor {name[:80]!r} has {dimensions} dimensions")
        elements = 1
        shape = [cursor.number(cursor.wide) for _ in range(dimensions)]
        for extent in shape:
            elements *= extent
        if elements > 1 << 63:
            raise _Fault(f"the shape of {name[:80]!r} overflows")
        kind, offset = cursor.number("I"), cursor.number("Q")
        block, width = _TYPES.get(kind, (1, 0))
        if offset % alignment:
            raise _Fault(f"the tensor {name[:80]!r} is not aligned")
        shapes.append(f"{name} {kind} {shape}")
        ends.append((offset, offset + elements // block * width, name))
    start = -(-cursor.at // alignment) * alignment
    for _, stop, name in ends:
        if start + stop > cursor.size:
            raise _Fault(f"the tensor {name[:80]!r} runs past the end of the file")
    return structure_digest(shapes)


def _templates(reading: Reading, bench: Bench, pairs: dict[str, Any]) -> None:
    from bartizan.sensors.models.templates import template_issues

    for key, value in pairs.items():
        if key.startswith("tokenizer.chat_template") and isinstance(value, str):
            reading.properties.setdefault("chat_templates", {})[key] = text_digest(value)
            for issue in template_issues(bench, value, key):
                reading.add(issue)
                reading.worsen(Standing.DENY if issue.rule == "template-escape" else Standing.REVIEW)
