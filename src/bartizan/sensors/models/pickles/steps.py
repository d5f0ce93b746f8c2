"""What each of the rarer opcodes does to the stack, the memo and the sightings."""

from __future__ import annotations

import codecs
from array import array
from collections.abc import Callable

from bartizan.sensors.models.pickles.machine import Broken, Tape
from bartizan.sensors.models.pickles.names import COMPUTED
from bartizan.sensors.models.pickles.opcodes import TEXTS
from bartizan.sensors.models.pickles.values import Made, Named

Step = Callable[[Tape, int], int]
_LINE_LIMIT = 1 << 16
_NUMBER_LIMIT = 5000


def line(tape: Tape, at: int, limit: int = _LINE_LIMIT) -> tuple[bytes, int]:
    """The text up to the next newline, and the offset after it."""
    stop = min(tape.end, at + limit)
    found = tape.data.find(b"\n", at, stop) if not isinstance(tape.data, memoryview) else _find(tape.data, at, stop)
    if found < 0:
        raise Broken("truncated" if stop == tape.end else "line too long")
    return bytes(tape.data[at:found]), found + 1


def _find(view: memoryview, at: int, stop: int) -> int:
    found = bytes(view[at:stop]).find(b"\n")
    return -1 if found < 0 else at + found


def size(tape: Tape, at: int, width: int) -> int:
    """A little-endian length; one that runs past the end of the stream is an error."""
    count = int.from_bytes(tape.data[at : at + width], "little")
    if count > tape.end - at - width:
        raise Broken("declared length runs past the end")
    return count


_COUNT_WIDTHS = {0x8C: 1, 0x43: 1, 0x55: 1, 0x8A: 1, 0x8D: 8, 0x8E: 8, 0x96: 8}
"""Bytes of the count before a literal's content, where it is not four."""


def literal_text(tape: Tape, value: int) -> str | None:
    """The str that an opcode pushed, decoded as the unpickler would; None for anything else."""
    if value <= 0 or (code := tape.data[value - 1]) not in TEXTS:
        return None
    try:
        if code in b"SV":
            raw, _ = line(tape, value)
            if code == 0x56:
                return raw.decode("raw-unicode-escape")
            return codecs.escape_decode(raw.strip()[1:-1])[0].decode("latin-1")
        start, count = literal_span(tape, value)
        return bytes(tape.data[start : start + count]).decode("utf-8", "surrogatepass")
    except (UnicodeDecodeError, ValueError, Broken):
        return None


def literal_span(tape: Tape, value: int) -> tuple[int, int]:
    """Offset and length of the content of a counted literal."""
    width = _COUNT_WIDTHS.get(tape.data[value - 1], 4)
    count = int.from_bytes(tape.data[value : value + width], "little")
    return value + width, max(0, min(count, tape.end - value - width))


def literal_number(tape: Tape, value: int) -> int | None:
    """The integer that an opcode pushed; None for anything else."""
    if value <= 0:
        return None
    data, code = tape.data, tape.data[value - 1]
    if code == 0x4B:
        return data[value] if value < len(data) else None
    if code == 0x4D:
        return int.from_bytes(data[value : value + 2], "little")
    if code == 0x4A:
        return int.from_bytes(data[value : value + 4], "little", signed=True)
    if code == 0x8A:
        return int.from_bytes(data[value + 1 : value + 1 + data[value]], "little", signed=True)
    if code in b"IL":
        raw, _ = line(tape, value, _NUMBER_LIMIT)
        text = raw.strip().rstrip(b"L")
        return int(text) if text.lstrip(b"-").isdigit() and len(text) < 20 else None
    return None


def name_global(tape: Tape, module: str, name: str, at: int) -> int:
    """The value of a global; the same name twice is the same thing."""
    key = (module, name)
    value = tape.globals.get(key)
    if value is None:
        if len(tape.globals) > 50_000:
            raise Broken("too many globals")
        named = Named(module, name, at, tape.names.judge(module, name, tape.protocol))
        value = tape.globals[key] = tape.keep(named)
    return value


def _global(tape: Tape, at: int) -> int:
    module, at_name = line(tape, at)
    name, after = line(tape, at_name)
    tape.stack.append(name_global(tape, _decoded(module), _decoded(name), at - 1))
    return after


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _stack_global(tape: Tape, at: int) -> int:
    name, module = tape.stack.pop(), tape.stack.pop()
    texts = literal_text(tape, module), literal_text(tape, name)
    if texts[0] is not None and texts[1] is not None:
        first = min(module, name) - 1
        tape.stack.append(name_global(tape, texts[0], texts[1], first if at - first < 300 else at - 1))
        return at
    if all(text is not None or value < 0 for text, value in zip(texts, (module, name), strict=True)):
        known = tuple(COMPUTED if text is None else text for text in texts)
        tape.stack.append(name_global(tape, known[0], known[1], at - 1))
        return at
    raise Broken("a global whose name is not text")


def _text_push(tape: Tape, at: int) -> int:
    raw, after = line(tape, at, tape.end)
    if len(raw) > 13 and raw[:1] in (b"'", b'"') and raw[1:2] in (b"\\", b"c", b"g", b"("):
        tape.embeds(at)
    tape.stack.append(at)
    return after


def _number_push(tape: Tape, at: int) -> int:
    raw, after = line(tape, at, _NUMBER_LIMIT)
    if not raw.strip().rstrip(b"L").lstrip(b"+-").replace(b"_", b"").replace(b".", b"").replace(b"e", b"").isalnum():
        raise Broken("not a number")
    tape.stack.append(at)
    return after


def _big_push(tape: Tape, at: int) -> int:
    count = size(tape, at, 8)
    if count > 11 and tape.data[at + 8] in b"\x80\xc2gcPi(\x78\x1f":
        tape.embeds(at)
    tape.stack.append(at)
    return at + 8 + count


def _long_binput(tape: Tape, at: int) -> int:
    tape.remember(int.from_bytes(tape.data[at : at + 4], "little"), tape.stack[-1])
    return at + 4


def _put(tape: Tape, at: int) -> int:
    raw, after = line(tape, at, 64)
    if not raw.strip().isdigit():
        raise Broken("not a memo index")
    tape.remember(int(raw), tape.stack[-1])
    return after


def _binget(tape: Tape, at: int) -> int:
    tape.stack.append(tape.recall(tape.data[at]))
    return at + 1


def _long_binget(tape: Tape, at: int) -> int:
    tape.stack.append(tape.recall(int.from_bytes(tape.data[at : at + 4], "little")))
    return at + 4


def _get(tape: Tape, at: int) -> int:
    raw, after = line(tape, at, 64)
    if not raw.strip().isdigit():
        raise Broken("not a memo index")
    tape.stack.append(tape.recall(int(raw)))
    return after


def popped(tape: Tape) -> array[int]:
    """What stands above the last mark, taken off."""
    mark = tape.marks.pop()
    values = tape.stack[mark:]
    del tape.stack[mark:]
    return values


def _tuple(tape: Tape, at: int) -> int:
    tape.stack.append(tape.row(popped(tape)))
    return at


def _short_tuple(count: int) -> Step:
    def step(tape: Tape, at: int) -> int:
        stack = tape.stack
        if len(stack) < count:
            raise Broken("stack underflow")
        values = stack[-count:]
        del stack[-count:]
        stack.append(tape.row(values))
        return at

    return step


def _gather(tape: Tape, at: int) -> int:
    """LIST, DICT, FROZENSET: of the content only the globals matter, and they are noted already."""
    popped(tape)
    tape.stack.append(0)
    return at


def _pop(tape: Tape, at: int) -> int:
    if tape.marks and tape.marks[-1] == len(tape.stack):
        tape.marks.pop()
    else:
        tape.stack.pop()
    return at


def _pop_mark(tape: Tape, at: int) -> int:
    popped(tape)
    return at


def _dup(tape: Tape, at: int) -> int:
    tape.stack.append(tape.stack[-1])
    return at


def _proto(tape: Tape, at: int) -> int:
    tape.protocol = tape.data[at]
    if tape.protocol > 5:
        raise Broken(f"protocol {tape.protocol} does not exist")
    return at + 1


def _frame(tape: Tape, at: int) -> int:
    return at + 8


def _skip(tape: Tape, at: int) -> int:
    return at


def _buffer(tape: Tape, at: int) -> int:
    tape.stack.append(0)
    return at


def _unknown(tape: Tape, at: int) -> int:
    raise Broken(f"no opcode 0x{tape.data[at - 1]:02x}")


def plain_steps() -> list[Step]:
    """One step for each of the 256 codes; the calls are added by `calls`."""
    steps: list[Step] = [_unknown] * 256
    table: dict[bytes, Step] = {
        b"c": _global, b"\x93": _stack_global, b"S": _text_push, b"V": _text_push, b"I": _number_push,
        b"L": _number_push, b"F": _number_push, b"\x8d": _big_push, b"\x8e": _big_push, b"\x96": _big_push,
        b"r": _long_binput, b"p": _put, b"h": _binget, b"j": _long_binget, b"g": _get,
        b"t": _tuple, b"\x85": _short_tuple(1), b"\x86": _short_tuple(2), b"\x87": _short_tuple(3),
        b"l": _gather, b"d": _gather, b"\x91": _gather, b"0": _pop, b"1": _pop_mark, b"2": _dup,
        b"\x80": _proto, b"\x95": _frame, b"\x97": _buffer, b"\x98": _skip,
    }  # fmt: skip
    for code, step in table.items():
        steps[code[0]] = step
    return steps


def made(tape: Tape, value: int) -> Made | None:
    """The call result that the value is, if it is one."""
    thing = tape.thing(value)
    return thing if isinstance(thing, Made) and thing.by is not None else None


def named(tape: Tape, value: int) -> Named | None:
    """The global that the value is, if it is one."""
    thing = tape.thing(value)
    return thing if isinstance(thing, Named) else None
