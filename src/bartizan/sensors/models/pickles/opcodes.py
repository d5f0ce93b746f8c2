"""The opcodes of all pickle protocols, by how much of the stream each one takes.

Source: `pickletools` and `Modules/_pickle.c` of CPython 3.13. The widths are of the argument alone.
"""

from __future__ import annotations

PUSH = 1
"""An argument of fixed width, one value pushed: numbers, None, booleans, empty containers."""
TEXT1 = 2
"""A length byte, that many bytes, one value pushed."""
MEMOIZE = 3
BINPUT = 4
BINGET = 5
MARK = 6
APPENDS = 7
SETITEMS = 8
TEXT4 = 9
"""A length of four bytes, that many bytes, one value pushed."""
SLOW = 10
"""Everything else: a method of the machine."""

_PUSHES = {
    b"N": 0, b"\x88": 0, b"\x89": 0, b"]": 0, b"}": 0, b")": 0, b"\x8f": 0,
    b"K": 1, b"M": 2, b"J": 4, b"G": 8,
}  # fmt: skip
_KINDS = {
    b"\x8c": TEXT1, b"C": TEXT1, b"U": TEXT1, b"\x8a": TEXT1,
    b"X": TEXT4, b"B": TEXT4, b"T": TEXT4, b"\x8b": TEXT4,
    b"\x94": MEMOIZE, b"q": BINPUT, b"h": BINGET, b"(": MARK, b"e": APPENDS, b"u": SETITEMS,
}  # fmt: skip


def _tables() -> tuple[bytes, bytes]:
    kinds, widths = bytearray(b"\x0a" * 256), bytearray(256)
    for code, width in _PUSHES.items():
        kinds[code[0]], widths[code[0]] = PUSH, width
    for code, kind in _KINDS.items():
        kinds[code[0]] = kind
    return bytes(kinds), bytes(widths)


KINDS, WIDTHS = _tables()

TEXTS = frozenset(b"\x8cXU\x8dTSV")
"""Opcodes whose value is a str in Python 3."""
BYTES = frozenset(b"CB\x8e\x96")
"""Opcodes whose value is bytes or a bytearray."""
