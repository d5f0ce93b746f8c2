"""Strings of compiled Python, read from the marshal format without executing or loading anything.

The format: https://docs.python.org/3/library/marshal.html and CPython's Python/marshal.c (versions 2 to 5).
"""

from __future__ import annotations

import re

from bartizan.model.blob import Blob
from bartizan.sensors.secrets.text import Text

_SHORT = frozenset(b"zZ\xfa\xda")
_CODE = re.compile(
    rb"[zZ\xfa\xda][^\0][\t\r\n -~\xc2-\xf4]"
    rb"|[aAutsR\xe1\xc1\xf5\xf4\xf3\xd2](?!\0{4})[\x00-\xff]{3}[\0-\x02][\t\r\n -~\xc2-\xf4]"
)
"""Type bytes of strings, with and without the flag for references, a length above 0 and below 48 MiB, and how text
begins; those of `_SHORT` have a length of one byte."""
_DIGIT = re.compile(rb"[0-9]")
_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{0,62}\Z")
LIMIT = 32 << 20
_LONG_NAME = 16
"""Strings of letters from this length on may be names and values alike."""


def bytecode_text(blob: Blob) -> Text:
    """Every string constant on a line of its own, in the order of the file.

    Strings are recognised by their type byte and a length that fits printable content: broken files still give
    what they hold. A constant directly before the names that follow it in a module is written as `NAME = "value"`
    by `_assigned`.
    """
    data = blob.bytes(0, LIMIT)
    strings = _strings(data)
    parts: list[bytes] = []
    segments: list[tuple[int, int]] = []
    length = 0
    for offset, line in _assigned(strings):
        segments.append((length, offset))
        parts += (line, b"\n")
        length += len(line) + 1
    return Text(b"".join(parts), blob.location, layers=("bytecode",), segments=tuple(segments))


def _strings(data: bytes) -> list[tuple[int, bytes]]:
    """Offset and content of each string, at any depth."""
    found: list[tuple[int, bytes]] = []
    at = 16
    end = len(data)
    find = _CODE.search
    while (code := find(data, at)) and code.start() < end - 4:
        at = code.start()
        if data[at] in _SHORT:
            start, size = at + 2, data[at + 1]
        else:
            start, size = at + 5, int.from_bytes(data[at + 1 : at + 5], "little")
        content = data[start : start + size]
        if size <= end - start and _is_text(content):
            found.append((start, content))
            at = start + size
        else:
            at += 1
    return found


def _is_text(content: bytes) -> bool:
    return not content[:256].translate(None, _PRINTABLE) or _is_utf8(content)


def _is_utf8(content: bytes) -> bool:
    if len(content) < 4 or content.isascii():  # of ASCII, the printable is known already
        return False
    try:
        return content[:4096].decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"


def _assigned(strings: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Lines for the strings; constants of one code object are paired with its names.

    A code object stores its constants, then its names: of as many constants as names that follow, the first belongs
    to the first. Where the numbers differ, all of its names stand before each constant, which tells the provider. What
    a class or function inside has come in between: so the names of the group after stand there too, further away.
    """
    lines: list[tuple[int, bytes]] = []
    constants: list[tuple[int, bytes]] = []
    names: list[bytes] = []
    waiting: list[tuple[int, bytes]] = []
    inner: list[bytes] = []
    for offset, content in strings:
        if _is_name(content):
            names.append(content)
            lines += [(offset, content)] if len(content) >= _LONG_NAME else []
            continue
        if names and constants:
            lines += _paired(waiting, inner, names)
            waiting, inner, constants = constants, names, []
        names = []
        constants.append((offset, content))
    lines += _paired(waiting, inner, names)
    return lines + _paired(constants, names, [])


def _is_name(content: bytes) -> bool:
    return bool(_NAME.match(content)) and not (len(content) > 24 and _DIGIT.search(content))


def _paired(constants: list[tuple[int, bytes]], names: list[bytes], after: list[bytes]) -> list[tuple[int, bytes]]:
    stored = [name for name in names if not name.startswith(b"__")]
    if len(stored) == len(constants):
        return [
            (offset, name + b' = "' + content + b'"') for name, (offset, content) in zip(stored, constants, strict=True)
        ]
    context = b"(" + b" ".join(after[:40]) + b" , " + b" ".join(stored[:40])
    return [(offset, context + b') = "' + content + b'"') for offset, content in constants]
