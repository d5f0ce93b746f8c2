"""Recognises a stream that is nothing but data, at the speed of one regular expression.

The expression cuts the stream into opcodes exactly as the machine does, but knows only those that can neither name nor
call anything, and literals too short to hold a pickle or that do not begin like one. What it matches up to a STOP
cannot run anything, whatever stands on the stack; what it does not match goes to the machine. Groups are possessive,
so a match costs no memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer

_SHORT = 11
"""Longer literals could hold a pickle: then their first byte decides (as in `machine`)."""
_LONGEST = 64
_PLAIN = rb"[^\x80\xc2gcPi(x\x1f8]"
STOP = 0x2E


def _counted(code: bytes, width: int, longest: int) -> bytes:
    """A literal with its length in front, one branch for each length."""
    branches = []
    for length in range(longest):
        body = b".{%d}" % length if length <= _SHORT else _PLAIN + b".{%d}" % (length - 1)
        branches.append(re.escape(length.to_bytes(width, "little")) + body)
    return code + b"(?>" + b"|".join(branches) + b")"


_BRANCHES = (
    rb"[N\x88\x89\]}()\x8f\x94aeustld012\x85-\x87\x90\x91]++",
    rb"K.|[hq].|J....|M..|G.{8}|[jr]....",
    _counted(rb"\x8c", 1, _LONGEST),
    _counted(rb"X", 4, _LONGEST),
    _counted(rb"[UC]", 1, _LONGEST),
    _counted(rb"\x8a", 1, 10),
    rb"[IL]-?\d{1,20}L?\n|F[-+.e\d]{1,30}\n|[pg]\d{1,9}\n|\x80[\x00-\x05]|\x95.{8}",
)
_INERT = re.compile(rb"(?s:(?>" + rb"|".join(_BRANCHES) + rb")*+)")


def inert_end(data: Buffer, start: int, end: int) -> int:
    """The offset after the STOP of a stream of mere data that begins at `start`; 0 when it is not one."""
    match = _INERT.match(data, start, end)
    stop = match.end() if match else start
    return stop + 1 if stop < end and data[stop] == STOP else 0
