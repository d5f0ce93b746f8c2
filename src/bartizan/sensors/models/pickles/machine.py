"""Follows one pickle stream without building anything of it.

The loop below handles nine in ten opcodes itself; `steps` holds the others. Nothing is kept of an opaque value but
an integer (see `values`), so memory grows with the depth of the stack and the memo, not with the content.

Where the real unpickler stops with an error, so does this one, and says where; where implementations differ, it
goes on. Literals that may be pickles themselves are noted in `embedded` for the caller.
"""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING

from bartizan.sensors.models.pickles import opcodes
from bartizan.sensors.models.pickles.values import Made, Named, Sighting, Thing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.pickles.names import NameTable

_KEPT_ROWS = 1 << 14
"""Tuples remembered item by item; older ones become opaque unless they hold a global."""
_ROW_BASE = 1 << 40
_GAP = -(1 << 62)
_EMBEDDED_LIMIT = 4096
_SUSPECT = frozenset(b"\x80\xc2gcPi(\x78\x1f")
"""First bytes of what may be a pickle inside a literal: raw, as latin-1 text, base64, text protocol, zip, packed."""


class Broken(Exception):  # noqa: N818 - what happened to the stream, not to us
    """The stream cannot be followed further, as it could not be loaded further."""


class Tape:
    """The stack, memo and things of one stream; what the steps work on."""

    def __init__(self, data: Buffer, start: int, end: int, names: NameTable) -> None:
        self.data = data
        self.start = start
        self.end = end
        self.names = names
        self.protocol = 0
        self.stack: array[int] = array("q")
        self.marks: list[int] = []
        self.memo: array[int] = array("q")
        self.far: dict[int, int] = {}
        self.gaps = 0
        self.things: list[Thing] = []
        self.rows: dict[int, array[int]] = {}
        self.row_serial = 0
        self.items: array[int] = array("q")
        self.texts: dict[int, str] = {}
        self.globals: dict[tuple[str, str], int] = {}
        self.results: dict[int, int] = {}
        self.embedded: list[int] = []
        self.sightings: list[Sighting] = []
        self.calls = 0
        self.storages = 0
        self.depth = 0
        self.broken = ""
        self.at = start

    def thing(self, value: int) -> Thing | None:
        """The global or call result behind a value, if it is one."""
        return self.things[-value - 1] if -_ROW_BASE < value < 0 else None

    def keep(self, thing: Thing) -> int:
        """Its value for the stack."""
        self.things.append(thing)
        return -len(self.things)

    def row(self, values: array[int]) -> int:
        """The value of a tuple. Those with a global are kept for good, the others for a while."""
        if not values:
            return 0
        if min(values) < 0:
            return self.keep(Made(None, tuple(values[:64])))
        self.row_serial = serial = self.row_serial + 1
        self.rows[serial] = values[:16]
        if serial > _KEPT_ROWS:
            self.rows.pop(serial - _KEPT_ROWS, None)
        return -_ROW_BASE - serial

    def row_of(self, value: int) -> tuple[int, ...]:
        """The items of a tuple, as far as they are known."""
        if value <= -_ROW_BASE:
            return tuple(self.rows.get(-value - _ROW_BASE, ()))
        thing = self.thing(value)
        return thing.values if isinstance(thing, Made) and thing.by is None else ()

    def remember(self, index: int, value: int) -> None:
        """PUT: close indexes in an array, far ones in a table."""
        memo = self.memo
        if index < len(memo):
            self.gaps -= memo[index] == _GAP
            memo[index] = value
        elif index < len(memo) + 64 and not self.far:
            while len(memo) < index:
                memo.append(_GAP)
                self.gaps += 1
            memo.append(value)
        elif index < 1 << 62 and len(self.far) < 1 << 16:
            self.far[index] = value
        else:
            raise Broken("memo index out of bounds")

    def memoize(self, value: int) -> None:
        """MEMOIZE: the index is the number of entries so far, whatever their indexes (as in `_pickle.c`)."""
        self.remember(len(self.memo) - self.gaps + len(self.far), value)

    def recall(self, index: int) -> int:
        """GET. An index never put is an error of the stream."""
        value = self.memo[index] if 0 <= index < len(self.memo) else self.far.get(index, _GAP)
        if value == _GAP:
            raise Broken("memo entry missing")
        return value

    def embeds(self, at: int) -> None:
        """Note that the literal whose argument begins at `at` may hold a pickle."""
        if len(self.embedded) < _EMBEDDED_LIMIT and at not in self.embedded[-8:]:
            self.embedded.append(at)

    def absorb(self, inner: Tape) -> None:
        """Take in what an inner stream of the same bytes named and did."""
        for key, value in inner.globals.items():
            seen = inner.things[-value - 1]
            mine = self.globals.get(key)
            if mine is None:
                self.globals[key] = self.keep(seen)
            elif isinstance(seen, Named) and seen.called:
                known = self.things[-mine - 1]
                if isinstance(known, Named) and not known.called:
                    known.called, known.call_offset, known.arguments = True, seen.call_offset, seen.arguments
        self.sightings += inner.sightings
        self.embedded += inner.embedded
        self.calls += inner.calls

    def named(self) -> list[Named]:
        """All globals, in the order met."""
        return [thing for value in self.globals.values() if isinstance(thing := self.things[-value - 1], Named)]


def follow(tape: Tape, steps: list) -> int:  # type: ignore[type-arg]  # noqa: C901, PLR0912, PLR0915 - one loop for speed
    """Walk from `tape.start` to STOP and return the offset after it; `tape.broken` says why when there was none."""
    data, end, stack, memo, marks = tape.data, tape.end, tape.stack, tape.memo, tape.marks
    kinds, widths, suspect, unpack = opcodes.KINDS, opcodes.WIDTHS, _SUSPECT, struct.Struct("<I").unpack_from
    push = stack.append
    i = op_at = tape.start
    try:
        while i < end:
            op_at = i
            op = data[i]
            i += 1
            kind = kinds[op]
            if kind == 1:
                push(i)
                i += widths[op]
            elif kind == 2:
                push(i)
                size = data[i]
                if size > 11 and data[i + 1] in suspect:
                    tape.embeds(i)
                i += size + 1
            elif kind == 3:
                if tape.far or tape.gaps:
                    tape.memoize(stack[-1])
                else:
                    memo.append(stack[-1])
            elif kind == 4:
                index = data[i]
                i += 1
                if index == len(memo) and not tape.far:
                    memo.append(stack[-1])
                else:
                    tape.remember(index, stack[-1])
            elif kind == 5:
                index = data[i]
                i += 1
                push(memo[index] if index < len(memo) else tape.recall(index))
            elif kind == 6:
                marks.append(len(stack))
            elif kind in (7, 8):
                mark = marks.pop()
                if kind == 8:
                    tape.items = stack[mark:]
                del stack[mark:]
                if stack[-1] < 0:
                    steps[op](tape, i)
            elif kind == 9:
                push(i)
                size = unpack(data, i)[0]
                if size > 11 and data[i + 4] in suspect:
                    tape.embeds(i)
                i += size + 4
            elif op == 0x2E:
                stack.pop()
                tape.at = i
                return i
            else:
                i = steps[op](tape, i)
    except (IndexError, struct.error):
        tape.broken = "truncated" if i >= end else "stack underflow"
    except Broken as fault:
        tape.broken = fault.args[0]
    tape.broken = tape.broken or "truncated"
    tape.at = op_at
    return min(i, end)
