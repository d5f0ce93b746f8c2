"""Base64, wrapped over lines or not, of text or of compressed text."""

from __future__ import annotations

import binascii
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bartizan.sensors.secrets.text import Text
from bartizan.syntax.pattern import bytes_pattern

_WIDTH, _TOKEN_WIDTH = 40, 23
RUN = rf"[A-Za-z0-9+/]{{{_WIDTH}}}"
GATES = (rf"(?:^|[^A-Za-z0-9+/_\-])eyJ[A-Za-z0-9_\-]{{{_TOKEN_WIDTH - 3}}}",)
SHORT_GATES = (
    r"kind[\x22']?:\s?[\x22']?Secret",
    r"[Bb]ase64",
    r"[Bb]asic [A-Za-z0-9+/]{16}",
    r"[Bb]64",
    r"\x22auths?\x22",
)
"""Where shorter runs are worth a look: Kubernetes secrets, Basic authentication, registry logins, code that decodes."""

_LINES = r"(?:\r?\n[ \t]*[A-Za-z0-9+/]{20,})*={0,2}"
_LONG = re.compile(rf"[A-Za-z0-9+/]{{{_WIDTH},}}{_LINES}".encode())
_TOKEN = re.compile(rf"eyJ[A-Za-z0-9_\-]{{20,}}{_LINES}".encode())
_SHORT = bytes_pattern(r"[A-Za-z0-9+/]{22,}={0,2}")
_INSIDE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-")
_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"
_HEX = re.compile(rb"[0-9a-fA-F]+={0,2}")
_LIMIT = 16 << 20
_BY_HAND = 1 << 18


def unwrapped(text: Text, first: Callable[[memoryview], int]) -> Iterator[Text]:
    """All runs of 40 characters and more that decode to text, as one text with a line for each.

    `first` gives the offset behind the first match of `RUN`, 0 when there is none.
    """
    yield from _collected(text, _runs(text.data, first))


def unwrapped_tokens(text: Text, ends: list[int]) -> Iterator[Text]:
    """Likewise for JSON objects in the alphabet for addresses."""
    yield from _collected(text, _tokens(text.data, ends))


def unwrapped_short(text: Text, _ends: list[int]) -> Iterator[Text]:
    """Likewise for runs of 22 characters and more, in what is small enough to be written by hand."""
    if len(text.data) <= _BY_HAND:
        yield from _collected(text, _SHORT.finditer(text.data))


def _runs(data: bytes, first: Callable[[memoryview], int]) -> Iterator[re.Match[bytes]]:
    """The whole runs; lines of one wrapped value are one run. Searched from one to the next, because a search for
    all of them reports each of their characters.
    """
    view = memoryview(data)
    behind = 0
    while end := first(view[behind:]):
        match = _LONG.match(data, behind + end - _WIDTH)
        if match is None:
            return
        behind = match.end()
        yield match


def _tokens(data: bytes, ends: list[int]) -> Iterator[re.Match[bytes]]:
    for end in ends:
        start = end - _TOKEN_WIDTH
        match = None if _LONG.match(data, start) else _TOKEN.match(data, start)
        if match:
            yield match


def _collected(text: Text, matches: Iterable[Any]) -> Iterator[Text]:
    parts: list[bytes] = []
    segments: list[tuple[int, int]] = []
    length = 0
    for match in matches:
        if match.start() and text.data[match.start() - 1] in _INSIDE:
            continue
        decoded = _decoded(match.group())
        if not decoded:
            continue
        lead = _lead(text.data, match.start())
        segments.append((length, match.start()))
        parts += (lead, decoded, b"\n\n")
        length += len(lead) + len(decoded) + 2
        if length > _LIMIT:
            break
    if parts:
        yield text.decoded(b"".join(parts), segments, "base64")


def _lead(data: bytes, start: int) -> bytes:
    """What the run is assigned to: a name in front of it counts for what is inside too."""
    lead = data[max(0, start - 80) : start]
    return lead[max(lead.rfind(b"\n"), lead.rfind(b","), lead.rfind(b";"), lead.rfind(b"}")) + 1 :].lstrip()


def _decoded(run: bytes) -> bytes:
    """The text in the run; empty when it holds none."""
    if _HEX.fullmatch(run):
        return b""
    first = _bytes(run[:64])
    if first[:2] == b"\x1f\x8b" or (first[:1] == b"\x78" and len(first) > 2 and not (first[0] << 8 | first[1]) % 31):
        return _inflated(_bytes(run))
    if _is_text(first):
        whole = _bytes(run)
        return whole if _is_text(whole[:4096]) else _first_line(run)
    if len(first) > 8 and not any(first[1:32:2]) and _is_text(first[::2]):
        return _bytes(run).decode("utf-16-le", "replace").encode()
    return b""


def _first_line(run: bytes) -> bytes:
    """Runs on lines below each other may be one wrapped value or several values."""
    lines = [_bytes(line.strip()) for line in run.splitlines()]
    return b"\n".join(line for line in lines if _is_text(line)) if len(lines) > 1 else b""


def _is_text(data: bytes) -> bool:
    return len(data) >= 8 and len(data.translate(None, _PRINTABLE)) * 20 <= len(data)


def _bytes(run: bytes) -> bytes:
    plain = bytes(run.translate(None, b" \t\r\n=")).replace(b"-", b"+").replace(b"_", b"/")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(47).decompress(data, _LIMIT)
    except zlib.error:
        return b""
