"""Text hidden in base64 or hexadecimal."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_RUNS = 200
MAX_RUN = 200_000

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_=.-])[A-Za-z0-9+/_-]{24,}={0,2}(?![A-Za-z0-9+/_-])")
_HEX = re.compile(r"(?:\\x[0-9a-fA-F]{2}){12,}|(?<![0-9A-Za-z])(?:[0-9a-fA-F]{2}){20,}(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Encoded:
    """One run of the text that decodes to printable text."""

    start: int
    says: str
    how: str


def find_encoded(text: str) -> Iterator[Encoded]:
    """Runs of at least 24 base64 or 40 hexadecimal characters that decode to text, outermost layer first."""
    for count, match in enumerate(_BASE64.finditer(text)):
        if count >= MAX_RUNS:
            return
        run = match.group(0)
        if (len(run) <= MAX_RUN and not run.isalpha() and not run.isdigit()) or (
            len(run) <= MAX_RUN and len(run) % 4 == 0 and not run.islower() and not run.isupper()
        ):
            yield from _decoded(match.start(), _base64(run), "base64")
    for count, match in enumerate(_HEX.finditer(text)):
        if count >= MAX_RUNS:
            return
        digits = match.group(0).replace("\\x", "")
        if len(digits) <= MAX_RUN:
            yield from _decoded(match.start(), bytes.fromhex(digits), "hex")


def _base64(run: str) -> bytes:
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    if len(body) % 4 == 1:
        return b""
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError):
        return b""


def _decoded(start: int, raw: bytes, how: str) -> Iterator[Encoded]:
    if len(raw) < 12:
        return
    for codec in ("utf-8", "utf-16-le"):
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        plain = sum(char.isascii() and (char.isprintable() or char in "\r\n\t") for char in text)
        if plain >= 0.9 * len(text):
            yield Encoded(start, text, how)
            return
