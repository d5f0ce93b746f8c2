"""Whether bytes are a pickle stream, decided by walking its first opcodes. Nothing is loaded."""

from __future__ import annotations

import io
import re
from typing import Any

from bartizan.model.blob import Buffer

_WALKED = 1 << 16
_FAR = 16 << 20
"""How far is walked when the first argument alone is longer than that."""
_OPCODES = 400
_CALLS = frozenset({"INST", "OBJ", "REDUCE", "NEWOBJ", "NEWOBJ_EX", "BUILD"})
_GLOBALS = frozenset({"GLOBAL", "STACK_GLOBAL", "EXT1", "EXT2", "EXT4"})
_AFTER_PROTO = b"(.0123456789:;=@ABCDEFGHIJKLMNPQRSTUVX]^_`abcdeghijlopqrstu})\x80"
_START = re.compile(
    rb"""(?: \((?: [(cdltISVNFLKMJXUGB\]}){\x80-\x9f] | i[A-Za-z_][\w.]*\r?\n[A-Za-z_][\w.]*\r?\n )
      | c[A-Za-z_][\w.]*\r?\n[A-Za-z_][\w.]*\r?\n
      | [\]})N][.0-2(p-r\]})NcISVKMJXUG\x80-\x9f]
      | [ILF][-\d.][^\n ]*\n[.0-2(p\]})NcISV]
      | (?:V[^\n]{0,4094} | S'[^\n]{0,4094}' | S"[^\n]{0,4094}") \r?\n [.0-2(p\]})NcISV]
      | (?:V | S['"])[^\n]{4000,}\Z
      | [UKMJTXGCB][^\x80-\xff\n]{0,8}[\0-\x09\x0b\x0c\x0e-\x1f\x80-\xff] | [\x8a-\x96] )""",
    re.DOTALL | re.VERBOSE,
)
"""What a stream without the PROTO opcode begins with: an opcode that pushes, and one that may come next."""

LEADS = frozenset(b"(c])}NILFVSUKMJTXGCB" + bytes(range(0x8A, 0x97)))


def has_proto(head: bytes) -> bool:
    """Whether it begins with PROTO, a known version and another opcode: protocols 2 to 5."""
    return len(head) > 2 and head[0] == 0x80 and head[1] <= 5 and (head[2] in _AFTER_PROTO or head[2] > 0x80)


def may_begin(head: bytes) -> bool:
    """Whether the first opcodes could stand there: the cheap question before `is_pickle`."""
    return head[0] == 0x80 or (head[0] in LEADS and _START.match(head) is not None)


def is_pickle(head: bytes, data: Buffer, named: bool) -> bool:
    """Whether it is a pickle with or without PROTO. `named` (the file calls itself a pickle) lets short streams
    without effect pass, which a text could be by chance.
    """
    if head[0] == 0x80:
        return has_proto(head)
    return may_begin(head) and _walks(data, named)


def _walks(data: Buffer, named: bool) -> bool:
    """Whether the opcodes keep the stack in order to the end, or far enough to call something before they break."""
    import pickletools

    window = _FAR if _begins_long(data) else _WALKED
    stack = _Stack()
    count, globals_seen, calls = 0, 0, 0
    try:
        for opcode, argument, _ in pickletools.genops(io.BytesIO(bytes(data[:window]))):
            if not stack.apply(opcode, argument):
                return calls > 0
            count += 1
            globals_seen += opcode.name in _GLOBALS
            calls += opcode.name in _CALLS
            if count > _OPCODES:
                return True
    except (ValueError, OverflowError, MemoryError):
        return calls > 0 or (named and count > 2)
    return count > 3 or globals_seen > 0 or calls > 0 or (named and count > 1)


def _begins_long(data: Buffer) -> bool:
    """Whether the first opcode has an argument of more than 64 KiB: padding before what matters."""
    if len(data) <= _WALKED:
        return False
    if data[0] in b"VS":
        return b"\n" not in bytes(data[:_WALKED])
    if data[0] in b"XBT":
        return _WALKED // 2 < int.from_bytes(data[1:5], "little") < min(len(data), _FAR)
    return False


class _Stack:
    """Only what lies where, not what it is: `True` is a mark."""

    def __init__(self) -> None:
        self.items: list[bool] = []

    def apply(self, opcode: Any, argument: Any) -> bool:
        """Do what the opcode does to the stack; False when it cannot."""
        import pickletools

        if opcode.name == "MARK":
            self.items.append(True)
            return True
        if opcode.name == "INST" and " " not in str(argument):
            return False
        before = opcode.stack_before
        if pickletools.markobject in before:
            if True not in self.items:
                return False
            while not self.items.pop():
                pass
            before = before[: before.index(pickletools.markobject)]
        if len(before) > len(self.items) or True in self.items[len(self.items) - len(before) :]:
            return opcode.name == "POP" and bool(self.items) and self.items.pop()
        del self.items[len(self.items) - len(before) :]
        self.items.extend(False for _ in opcode.stack_after)
        return True
