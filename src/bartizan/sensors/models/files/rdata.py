"""R's serialised objects (RDS, RData): promises run when they are looked at.

Format: R Internals 1.8 and `src/main/serialize.c`. Only the XDR and little-endian binary forms are walked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bartizan.sensors.models.bench import UNPACKED
from bartizan.sensors.models.files.pickled import unpack
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

_PACKINGS = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"\xfd7": "xz"}
_ITEMS, _DEPTH = 3_000_000, 300
_UNBOUND, _PROMISE = 252, 5
_LISTS = frozenset({2, 3, 5, 6, 239, 240})
_WIDTHS = {10: 4, 13: 4, 14: 8, 15: 16, 24: 1}
_PARTS = {1: 1, 4: 4, 22: 2, 238: 3}
_ATTRIBUTED = frozenset({7, 8, 10, 13, 14, 15, 16, 19, 20, 22, 24, 25})
_NAMES = {3: "closures", 6: "calls", 21: "byte code", 22: "external pointers", 4: "environments"}


class _Fault(Exception):  # noqa: N818 - what the bytes are
    """The bytes cannot be followed further."""


class _Walk:
    """Follows the items of one object without building them."""

    def __init__(self, data: bytes, at: int, order: Literal["big", "little"]) -> None:
        self.data, self.at, self.order = data, at, order
        self.items = 0
        self.kinds: set[int] = set()
        self.promises: list[tuple[int, bool]] = []

    def number(self) -> int:
        if self.at + 4 > len(self.data):
            raise _Fault("truncated")
        value = int.from_bytes(self.data[self.at : self.at + 4], self.order, signed=True)
        self.at += 4
        return value

    def skip(self, count: int) -> None:
        if not 0 <= count <= len(self.data) - self.at:
            raise _Fault(f"an item claims {count} bytes")
        self.at += count

    def item(self, depth: int = 0) -> int:
        """Follow one item and say its type. Long pairlists are a loop, not a recursion."""
        while True:
            self.items += 1
            if depth > _DEPTH or self.items > _ITEMS:
                raise _Fault("too deep" if depth > _DEPTH else "too many items")
            place = self.at
            flags = self.number()
            kind = flags & 0xFF
            self.kinds.add(kind)
            if kind not in _LISTS:
                self._other(kind, flags, depth)
                return kind
            if flags & 0x200 or kind in (239, 240):
                self.item(depth + 1)
            if flags & 0x400:
                self.item(depth + 1)
            value = self.item(depth + 1)
            if kind == _PROMISE:
                self.promises.append((place, value == _UNBOUND))

    def _other(self, kind: int, flags: int, depth: int) -> None:
        if kind == 21:
            raise _Fault("byte code is not followed")
        if kind in _WIDTHS:
            self.skip(self._length() * _WIDTHS[kind])
        elif kind == 9:
            self.skip(max(0, self.number()))
        elif kind in (7, 8):
            self.skip(self.number())
        elif kind == 255:
            self.skip(0 if flags >> 8 else 4)
        else:
            self._parts(kind, depth)
        if flags & 0x200 and kind in _ATTRIBUTED:
            self.item(depth + 1)

    def _parts(self, kind: int, depth: int) -> None:
        """Types made of further items: how many there are."""
        count = _PARTS.get(kind, 0)
        if kind == 4:
            self.number()
        elif kind in (16, 19, 20):
            count = self._length()
        elif kind in (248, 249, 250):
            self.number()
            count = self.number()
        for _ in range(count):
            self.item(depth + 1)

    def _length(self) -> int:
        length = self.number()
        if length == -1:
            length = (self.number() << 32) | (self.number() & 0xFFFFFFFF)
        if not 0 <= length <= len(self.data) - self.at:
            raise _Fault(f"a vector claims {length} entries")
        return length


def read_rdata(reading: Reading, bench: Bench, data: Buffer) -> None:
    """Unpack, find the serialisation header, walk."""
    reading.format, reading.framework = "rdata", "r"
    packing = _PACKINGS.get(bytes(data[:2]))
    raw = unpack(data, packing, UNPACKED) if packing else bytes(data[:UNPACKED])
    at = 5 if raw[:5] in (b"RDX2\n", b"RDX3\n", b"RDB2\n", b"RDB3\n") else 0
    if raw[at : at + 2] not in (b"X\n", b"B\n"):
        reading.gaps.append("the text form of R's format is not followed")
        return
    walk = _Walk(raw, at + 2, "big" if raw[at : at + 1] == b"X" else "little")
    try:
        version = walk.number()
        walk.skip(8)
        if version == 3:
            walk.skip(walk.number())
        walk.item()
    except (_Fault, RecursionError) as fault:
        reading.worsen(Standing.UNKNOWN)
        reading.properties["unread"] = str(fault)
    reading.properties["contains"] = sorted(_NAMES[kind] for kind in walk.kinds if kind in _NAMES)
    for place, unbound in walk.promises[:1]:
        reading.worsen(Standing.DENY if unbound else Standing.REVIEW)
        what = "a promise that runs its expression when it is first looked at" if unbound else "a promise"
        reading.add(Issue("r-promise", what, offset=place, proof=what))
