"""numpy arrays: the header is a literal that is parsed, never evaluated; an array of objects is a pickle.

Format: `numpy/lib/format.py`. Magic, version, header length (two bytes, from version 2 four), a Python literal.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from bartizan.sensors.models.files.pickled import note
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing
from bartizan.sensors.models.pickles.stream import examine

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

MAGIC = b"\x93NUMPY"
_HEADER_LIMIT = 64 << 10
_LONG = re.compile(r"\b(\d+)L\b")
"""Python 2 wrote long integers so; numpy accepts them."""
_OBJECT = re.compile(r"(?<![A-Za-z])[|<>=]?O\d*(?![A-Za-z])")


def read_array(reading: Reading, bench: Bench, data: Buffer, member: str = "") -> None:
    """One .npy file, alone or as a member of an .npz."""
    major = data[6] if len(data) > 12 else 0
    width = 2 if major == 1 else 4
    length = int.from_bytes(data[8 : 8 + width], "little")
    start = 8 + width + length
    if not 1 <= major <= 3 or length > _HEADER_LIMIT or start > len(data):
        reading.add(Issue("numpy-header", f"version {major}, header of {length} bytes", member=member, proof="length"))
        reading.worsen(Standing.REVIEW)
        return
    text = bytes(data[8 + width : start]).decode("latin-1")
    header = _literal(text)
    if header is None or not {"descr", "shape"} <= header.keys():
        reading.add(Issue("numpy-header", f"the header is no literal: {text[:120]!r}", member=member, proof="literal"))
        reading.worsen(Standing.REVIEW)
        header = {"descr": "O"}
    reading.properties.setdefault("arrays", 0)
    reading.properties["arrays"] += 1
    if _OBJECT.search(repr(header["descr"])):
        reading.properties["objects"] = True
        stream = examine(data, bench.names, start, len(data))
        note(reading, bench, stream, member)


def _literal(text: str) -> dict[str, object] | None:
    try:
        value = ast.literal_eval(_LONG.sub(r"\1", text.strip()))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
