"""Text written so that no search finds it: as numbers, escapes, backwards, turned by thirteen letters, in pieces,
masked by a key, or packed. Nothing is run; what does not come to plain text is left alone.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import islice

from bartizan.syntax.encoded import Encoded

MAX_RUNS = 120
MAX_RUN = 100_000
MAX_TEXT = 200_000
MASKED = 24
"""Bytes from which a mask is looked for; with fewer, chance finds words."""

_NUMBER = r"(?:0[xX][0-9a-fA-F]{2}|\d{2,3})"
_NUMBERS = re.compile(rf"(?<![\d.,])(?:{_NUMBER}\s*,\s*){{3,4000}}{_NUMBER}\s*,?(?=\s*[\])}}])")
_ONE = re.compile(_NUMBER)
_ESCAPES = re.compile(
    r"(?:\\u00[0-9a-fA-F]{2}|\\x[0-9a-fA-F]{2}|\\u\{[0-9a-fA-F]{2}\}){4,}|(?:\\[01][0-7]{2}){4,}|"
    r"(?:%[2-7][0-9a-fA-F]){8,}|(?:&#(?:x[0-9a-fA-F]{2}|\d{2,3});){4,}"
)
_ESCAPE = re.compile(r"(?:\\u\{?(?:00)?|\\x|%|&#x)([0-9a-fA-F]{2})|\\([01][0-7]{2})|&#(\d{2,3});")
_LITERAL = re.compile(r"\"((?:[^\"\\\n]|\\.){8,4000})\"|'((?:[^'\\\n]|\\.){8,4000})'|`([^`\\]{8,4000})`")
_BACKWARDS = re.compile(r"//:s?ptth|hs(?:ab)?\s?\|| lruc\b|ssecorp_dlihc\b")
_TURNED = re.compile(r"\buggcf?://|\bphey -|\bvzcbeg \w|\bpuvyq_cebprff\b|\bfhocebprff\b|\bbf\.flfgrz\b|\bonfu -p\b")
_PACKED = re.compile(r"[\"'`]([A-Za-z0-9+/_=!#$%&()*;<>?@^`{|}~-]{32,20000})[\"'`]")
_PIECES = re.compile(
    r"\[((?:\s*(?:\"[^\"\n\\]{0,80}\"|'[^'\n\\]{0,80}')\s*,){1,200}\s*(?:\"[^\"\n\\]{0,80}\"|'[^'\n\\]{0,80}')\s*,?\s*)\]"
    r"\s*(?:\.reverse\(\))?\.join\(\s*[\"']([^\"']{0,2})[\"']\s*\)|"
    r"((?:(?:\"[^\"\n\\]{1,60}\"|'[^'\n\\]{1,60}')\s*\+\s*){1,100}(?:\"[^\"\n\\]{1,60}\"|'[^'\n\\]{1,60}'))"
)
_PIECE = re.compile(r"\"([^\"\n\\]*)\"|'([^'\n\\]*)'")
_TELLING = re.compile(rb"https?://|curl |wget |/bin/|bash|import |subprocess|powershell|child_process|\.ssh")


def find_disguised(text: str) -> Iterator[Encoded]:
    """Every run of the text that stands for other text, in no order."""
    text = text[: MAX_TEXT * 5]
    for match in islice(_NUMBERS.finditer(text), MAX_RUNS):
        codes = [int(each, 0) if each[:2] in ("0x", "0X") else int(each) for each in _ONE.findall(match.group(0))]
        yield from _said(match.start(), _of_codes(codes), "numbers")
    escaped = "\\" in text or "&#" in text or "%" in text
    for match in islice(_ESCAPES.finditer(text), MAX_RUNS) if escaped else ():
        codes = [_code(each) for each in _ESCAPE.finditer(match.group(0))]
        yield from _said(match.start(), _of_codes(codes), "escapes")
    for match in islice(_PIECES.finditer(text), MAX_RUNS):
        yield from _said(match.start(), _joined(match), "pieces")
    for how, mark, turned in (
        ("backwards", _BACKWARDS, lambda said: said[::-1]),
        ("rot13", _TURNED, lambda said: codecs.decode(said, "rot13")),
    ):
        if mark.search(text):
            yield from _turned(text, how, mark, turned)
    for match in islice(_PACKED.finditer(text), MAX_RUNS):
        yield from _said(match.start(), _unpacked(match.group(1)), "packed")


def _turned(text: str, how: str, mark: re.Pattern[str], turned: Callable[[str], str]) -> Iterator[Encoded]:
    for match in islice(_LITERAL.finditer(text), MAX_RUNS * 10):
        said = next(group for group in match.groups() if group)
        if mark.search(said):
            yield from _said(match.start(), turned(said), how)


def _said(start: int, says: str, how: str) -> Iterator[Encoded]:
    if len(says) >= 4:
        yield Encoded(start, says[:MAX_RUN], how)


def _of_codes(codes: list[int]) -> str:
    """The text of code points that are all printable ASCII, or of those that one key masks."""
    if all(32 <= code < 127 or code in (9, 10, 13) for code in codes):
        letters = sum(chr(code).isalpha() for code in codes)
        return "".join(map(chr, codes)) if letters * 2 >= len(codes) else _unmasked(bytes(codes))
    return _unmasked(bytes(codes)) if all(code < 256 for code in codes) else ""


def _code(match: re.Match[str]) -> int:
    return int(match[1], 16) if match[1] else int(match[2], 8) if match[2] else int(match[3])


def _joined(match: re.Match[str]) -> str:
    between = match.group(2) or ""
    words = [one or two for one, two in _PIECE.findall(match.group(1) or match.group(3))]
    if ".reverse()" in match.group(0):
        words.reverse()
    return between.join(words)


def _unpacked(run: str) -> str:
    """The text behind base64, base85 or base32, compressed or masked; nothing when it is plain base64."""
    for decode in (_base64, base64.b85decode, base64.a85decode, base64.b32decode):
        try:
            raw = decode(run.encode("ascii"))
        except (binascii.Error, ValueError):
            continue
        said = _inflated(raw) or (_text(raw) if decode is not _base64 else "") or _unmasked(raw)
        if said:
            return said
    return ""


def _base64(run: bytes) -> bytes:
    letters = b"-_" if b"-" in run or b"_" in run else None
    return base64.b64decode(run + b"=" * (-len(run) % 4), altchars=letters, validate=True)


def _inflated(raw: bytes) -> str:
    if raw[:1] != b"\x78" and raw[:2] != b"\x1f\x8b":
        return ""
    try:
        return _text(zlib.decompressobj(47).decompress(raw, MAX_TEXT))
    except zlib.error:
        return ""


def _unmasked(raw: bytes) -> str:
    """Bytes that one byte was combined with (exclusive or), when what comes out is telling."""
    if not MASKED <= len(raw) <= 20_000:
        return ""
    head = raw[:400]
    for key in range(1, 256):
        if _TELLING.search(head.translate(_MASKS[key])):
            said = _text(raw.translate(_MASKS[key]))
            if said:
                return said
    return ""


_MASKS = [bytes(each ^ key for each in range(256)) for key in range(256)]


def _text(raw: bytes) -> str:
    try:
        said = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    plain = sum(char.isprintable() or char in "\r\n\t" for char in said)
    return said if said and plain >= 0.95 * len(said) else ""
