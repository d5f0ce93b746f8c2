"""Text from hostile places, made fit to be shown."""

from __future__ import annotations

import re

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """Bytes of file names that are no UTF-8 as `\\xff`, other lone surrogates as `\\ud800`."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return _SURROGATE.sub(lambda match: _escape(match.group()), text)


def one_line(text: str) -> str:
    """Nothing that moves a terminal's cursor, changes its colour or turns the direction of writing."""
    return _CONTROL.sub(lambda match: _escape(match.group()), encodable(text))


def several_lines(text: str) -> str:
    """The same for text whose line ends count."""
    return "\n".join(one_line(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n"))


def flowing(text: str) -> str:
    """Prose as one line: line ends are blanks there, while in a name they are part of it and shown."""
    return one_line(" ".join(text.split()))


def for_xml(text: str) -> str:
    """Only characters that XML 1.0 allows."""
    return _UNFIT.sub(lambda match: _escape(match.group()), encodable(text))


def shortened(text: str, width: int) -> str:
    """At most `width` characters, with an ellipsis in the middle: both ends of a path tell something."""
    if len(text) <= width:
        return text
    head = max((width - 1) // 3, 1)
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
