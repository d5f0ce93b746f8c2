"""Disassembles the few opcodes around a place, as evidence."""

from __future__ import annotations

import io
import pickletools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer

_WIDTH = 96
_OPCODES = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}


def listing(data: Buffer, start: int, stop: int, count: int = 12) -> str:
    """Up to `count` opcodes from the one at `start` to the one at `stop` and the next two.

    One line each: offset, name, argument cut to a line. What cannot be decoded ends the list.
    """
    window = io.BytesIO(bytes(data[start : stop + 4096]))
    lines: list[str] = []
    beyond = 0
    while len(lines) < count and beyond < 3:
        at = start + window.tell()
        code = window.read(1)
        opcode = _OPCODES.get(code)
        if opcode is None:
            break
        try:
            argument = "" if opcode.arg is None else f" {opcode.arg.reader(window)!r}"
        except (ValueError, EOFError, OverflowError, UnicodeDecodeError):
            lines.append(f"{at:>8}: {opcode.name} ?")
            break
        lines.append(f"{at:>8}: {opcode.name}{argument[:_WIDTH]}")
        beyond += at >= stop
    return "\n".join(lines)
