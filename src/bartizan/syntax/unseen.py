"""Text that a person does not see and a model reads: found, named by code point, and decoded where it says something.

Classes after Unicode 16: tag characters (U+E0000 block), variation selectors used as bytes, zero-width characters used
as bits, and bidirectional controls (the last as in CVE-2021-42574).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_WIDTHLESS = re.compile("[\u200b\u200c\u200d\u2060-\u2064\ufeff\u180e\u00ad]+")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x9b[0-9;]*[A-Za-z]")
_BITS = {
    "\u200b": "0",
    "\u200c": "1",
    "\u200d": "1",
    "\u2060": "1",
    "\ufeff": "",
    "\u2061": "0",
    "\u2062": "1",
    "\u2063": "1",
}
_FLAG = "\U0001f3f4"


@dataclass(frozen=True, slots=True)
class Unseen:
    """One run. `kind` is `tags`, `selectors`, `widthless`, `bidi` or `ansi`; `says` the decoded text, or empty."""

    kind: str
    start: int
    count: int
    points: str
    says: str = ""


def find_unseen(text: str) -> Iterator[Unseen]:
    """Every run that ordinary writing does not explain: emoji sequences, flags, joiners of scripts that need them and
    a byte order mark at the very start are ordinary.
    """
    if text.isascii():
        if "\x1b[" in text:
            yield from (_run("ansi", match) for match in _ANSI.finditer(text))
        return
    yield from _tags(text)
    yield from _selectors(text)
    yield from _widthless(text)
    yield from (_run("bidi", match) for match in _BIDI.finditer(text) if not _has_right_to_left(text))
    yield from (_run("ansi", match) for match in _ANSI.finditer(text))


def _run(kind: str, match: re.Match[str], says: str = "") -> Unseen:
    run = match.group(0)
    points = " ".join(f"U+{ord(char):04X}" for char in run[:8]) + (" …" if len(run) > 8 else "")
    return Unseen(kind, match.start(), len(run), points, says)


def _tags(text: str) -> Iterator[Unseen]:
    for match in _TAGS.finditer(text):
        if match.start() and text[match.start() - 1] == _FLAG and match.group(0).endswith("\U000e007f"):
            continue
        says = "".join(chr(ord(char) - 0xE0000) for char in match.group(0) if 0x20 <= ord(char) - 0xE0000 < 0x7F)
        yield _run("tags", match, says)


def _selectors(text: str) -> Iterator[Unseen]:
    """Runs of four and more: an emoji takes one selector. Each stands for a byte, sixteen low ones first."""
    for match in _SELECTORS.finditer(text):
        raw = bytes(ord(char) - 0xFE00 if ord(char) < 0xFE10 else ord(char) - 0xE0100 + 16 for char in match.group(0))
        yield _run("selectors", match, _printable(raw))


def _widthless(text: str) -> Iterator[Unseen]:
    for match in _WIDTHLESS.finditer(text):
        run = match.group(0)
        if match.start() == 0 and run == "\ufeff":
            continue
        before = text[match.start() - 1] if match.start() else " "
        after = text[match.end()] if match.end() < len(text) else " "
        if len(run) == 1 and (run in "\u00ad\u2060\ufeff" or _joins(run, before, after)):
            continue
        if len(run) >= 8:
            yield _run("widthless", match, _bits(run))
        elif before.isalnum() and after.isalnum() and before.isascii() and after.isascii():
            yield _run("widthless", match)


def _joins(char: str, before: str, after: str) -> bool:
    """Joiners shape emoji and the scripts of South and West Asia; a zero-width space parts words of South-East Asia."""
    if char == "\u200b":
        return not (before.isascii() and after.isascii() and before.isalnum() and after.isalnum())
    return not (before.isascii() and after.isascii())


def _bits(run: str) -> str:
    for zero in ("\u200b", "\u200c"):
        bits = "".join("0" if char == zero else "1" for char in run if char in _BITS and char != "\ufeff")
        says = _printable(bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)))
        if says:
            return says
    return ""


def _printable(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    good = sum(char.isprintable() or char in "\n\t" for char in text)
    return text if len(text) >= 4 and good >= 0.9 * len(text) else ""


def _has_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in text[:200_000] if not char.isascii())
