"""What the fast search over all bytes looks for: how keys begin, and words that name providers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bartizan.rules.credential import Kind


@dataclass(frozen=True, slots=True)
class Literal:
    """One pattern of the search, in the dialect that hyperscan and RE2 share.

    `width` is the length of every match, so that its start follows from its end; 0 for words, where only the
    neighbourhood counts. `kinds` are those that it may be the beginning, or the context, of.
    """

    pattern: str
    kinds: tuple[Kind, ...]
    width: int = 0
    caseless: bool = False
    length: int = 0
    """Of the literal part: the longer one is the better known."""


def literals(kinds: Iterable[Kind]) -> tuple[Literal, ...]:
    """Patterns for all beginnings, then for the words of the kinds that have none."""
    starts: dict[tuple[str, str, int], list[Kind]] = {}
    words: dict[str, list[Kind]] = {}
    for kind in kinds:
        for start in kind.starts:
            starts.setdefault((start, kind.alphabet, kind.follow), []).append(kind)
        for word in () if kind.starts else kind.words:
            words.setdefault(word.lower(), []).append(kind)
    begin = [
        Literal(
            escaped(start) + (f"[{alphabet}]{{{follow}}}" if follow else ""),
            tuple(owners),
            len(start) + follow,
            length=len(start),
        )
        for (start, alphabet, follow), owners in starts.items()
    ]
    return (*begin, *(Literal(word_pattern(word), tuple(owners), caseless=True) for word, owners in words.items()))


def escaped(text: str) -> str:
    """The text as a pattern that matches it alone."""
    return "".join(char if char.isalnum() and char.isascii() else f"\\x{ord(char):02x}" for char in text)


def word_pattern(word: str) -> str:
    """The word with any or no separator at each `_`."""
    return r"[ _.\-]?".join(escaped(part) for part in word.split("_"))
