"""What the fast search over all bytes looks for: how keys begin, and words that name providers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bartizan.rules.credential import Kind, Nearness


@dataclass(frozen=True, slots=True)
class Literal:
    """One pattern of the search, in the dialect that hyperscan and RE2 share.

    `width` is the length of every match, so that its start follows from its end; 0 for words, where only the
    neighbourhood counts. `kinds` are those that it may be the beginning, or the context, of.
    """

    pattern: str
    kinds: tuple[Kind, ...]
    width: int = 0
    length: int = 0
    """Of the literal part: the longer one is the better known."""
    once: bool = False
    """Whether the first match in a buffer tells enough."""


def literals(kinds: Iterable[Kind], tails: str) -> tuple[Literal, ...]:
    """Patterns for all beginnings, then for the words of the kinds that have none; `tails` as in `standing`."""
    starts: dict[tuple[str, str, int], list[Kind]] = {}
    words: dict[str, list[Kind]] = {}
    for kind in kinds:
        for start in kind.starts:
            starts.setdefault((start, kind.alphabet, kind.follow), []).append(kind)
        for word in () if kind.starts else kind.words:
            # What needs no neighbour has its word inside the value, next to any character.
            alone = kind.within is not Nearness.NOWHERE
            pattern = standing(word.lower(), tails) if alone else f"(?i:{word_pattern(word.lower())})"
            words.setdefault(pattern, []).append(kind)
    begin = [
        Literal(
            escaped(start) + (f"[{alphabet}]{{{follow}}}" if follow else ""),
            tuple(owners),
            len(start) + follow,
            length=len(start),
        )
        for (start, alphabet, follow), owners in starts.items()
    ]
    return (*begin, *(Literal(pattern, tuple(owners)) for pattern, owners in words.items()))


def wide_literals(kinds: Iterable[Kind]) -> tuple[Literal, ...]:
    """The same beginnings and words as they stand in text of two bytes a character, of either byte order."""
    starts = {(start, kind.alphabet, min(kind.follow, 4)) for kind in kinds for start in kind.starts}
    words = {word.lower() for kind in kinds if not kind.starts for word in kind.words}
    patterns = {
        r"\x00".join(map(escaped, start)) + (rf"(?:\x00[{alphabet}]){{{follow}}}" if follow else "")
        for start, alphabet, follow in starts
    }
    for word in words:
        wide = r"\x00".join(_caseless(char) for char in word)
        patterns.add(wide.replace(r"\x00\x5f", _GAP))
    return tuple(Literal(pattern, (), once=True) for pattern in sorted(patterns))


_GAP = r"(?:\x00[ _.\-])?"


def escaped(text: str) -> str:
    """The text as a pattern that matches it alone."""
    return "".join(char if char.isalnum() and char.isascii() else f"\\x{ord(char):02x}" for char in text)


def word_pattern(word: str) -> str:
    """The word with any or no separator at each `_`."""
    return r"[ _.\-]?".join(escaped(part) for part in word.split("_"))


def standing(word: str, tails: str) -> str:
    """The word where `vocabulary.word_finder` sees it, written without looking around: with a character of either side.

    That is between characters that are no letters, at a change of case as in `myFalKey`, or before one of `tails`.
    Else `fal` would be found in each `False`, and most files would be read for nothing.
    """
    first, *middle, last = [r"[ _.\-]?" if char == "_" else _caseless(char) for char in word]
    begin = rf"(?:^|[^A-Za-z]){first}"
    if word[0].isalpha():
        begin = f"(?:{begin}|[a-z]{word[0].upper()})"
    end = rf"{last}(?:[^A-Za-z]|$" + (f"|(?i:{tails}))" if tails else ")")
    if word[-1].isalpha():
        end = f"(?:{end}|{word[-1].lower()}[A-Z])"
    return begin + "".join(middle) + end


def _caseless(char: str) -> str:
    return f"(?i:{char})" if char.isalpha() else escaped(char)
