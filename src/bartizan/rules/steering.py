"""How much a sentence reads like an order that serves somebody else: a linear model over its words.

Word lists know the wordings that somebody thought of. This table of weights is learnt from sentences of both kinds
(`benchmarks/steering`), so it also knows the wordings that resemble them. It stands beside the lists and never alone
for anything certain.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import msgspec

from bartizan.rules.learnt import read_table

_WORD = re.compile(
    r"[a-z\u00e0-\u00f6\u00f8-\u017f]+|[\u0400-\u04ff]+|[\u3040-\u30ff\u4e00-\u9fff]|\d+|[@%$~/{}<>]|://", re.IGNORECASE
)
_END = re.compile(r"(?<=[.!?;])\s+(?=\S)|(?<=[。！？；])\s*(?=\S)|\n+(?![ \t]*[a-z\u00df-\u00f6\u00f8-\u00ff(])")
"""A line that goes on in lower case is the same sentence, broken by its editor."""
_PLACES = (
    (re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'`)>\]]+", re.IGNORECASE), " webplace "),
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), " mailplace "),
    (
        re.compile(
            r"\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.(?:com|org|net|io|dev|ai|co|app|example|test|invalid)\b(?:/\S{0,200})?"
        ),
        " webplace ",
    ),
)
"""Where something is: which host or person it is says nothing about a sentence."""
_QUOTED = re.compile(r"\"[^\"\n]{15,}\"|“[^”\n]{15,}”|`[^`\n]{15,}`|'[^'\n]{25,}'|「[^」]{8,}」")
_MOST_WORDS = 120
_MOST_TEXT = 6000
"""Characters of one text that are read."""
_SHORTEST = 9
_FEWEST = 6
"""Characters and words below which a window says too little."""
_PAIRED = 1.5
"""A sentence this far below the mark may still lift its neighbour."""
_CHANCE = 0.65
"""Of honest sentences about exp(-score / _CHANCE) reach a score."""


class Table(msgspec.Struct, frozen=True):
    """What was learnt. The sum over a window's features is divided by the root of their number. From `report` on a
    window counts alone in the texts of a tool, which are short, from `prose` on in whole pages of instructions; from
    `support` on it counts beside another sign.
    """

    bias: float
    report: float
    prose: float
    support: float
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class Window:
    """A sentence, or two neighbours: its place in the text, and its score. `words` carried most of it."""

    score: float
    start: int
    end: int
    words: tuple[str, ...]


class Steering:
    """Reads texts by a table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def mark(self, least: float, times: float) -> float:
        """What a window must score when so many times more is read than in a small listing or page: the chance of one
        false hit is to stay the same however much is read.
        """
        return least + _CHANCE * math.log(max(1.0, times))

    def heavy(self, text: str) -> Iterator[Window]:
        """The windows that score `support` and more, heaviest first. What is quoted is not read."""
        alone = [(self.score(words), start, end, words) for start, end, words in _unquoted(text)]
        paired = []
        for one, two in pairwise(alone):
            if max(one[0], two[0]) > self.table.support - _PAIRED and len(one[3]) >= _SHORTEST <= len(two[3]):
                both = f"{one[3]} {two[3]}"
                paired.append((self.score(both), one[1], two[2], both))
        for score, start, end, words in sorted(alone + paired, key=lambda each: (-each[0], each[1])):
            if score < self.table.support:
                return
            yield Window(score, start, end, self._words(words))

    def score(self, words: str) -> float:
        """The model's logit for a window; nothing is less than any other."""
        names = features(words) if len(words) >= _SHORTEST else ()
        if not names:
            return -math.inf
        known = self.table.weights
        return self.table.bias + sum(known.get(name, 0.0) for name in names) / math.sqrt(len(names))

    def _words(self, words: str) -> tuple[str, ...]:
        known = self.table.weights
        strongest = sorted(features(words), key=lambda name: (-known.get(name, 0.0), name))[:4]
        return tuple(name for name in strongest if known.get(name, 0.0) > 0)


@lru_cache(maxsize=1)
def learnt() -> Steering:
    """The reader with the table of the package. Raises as `read_table` does."""
    return Steering(read_table("steering", Table))


def features(window: str) -> frozenset[str]:
    """Its words, pairs of neighbours, and pairs with one word between. Numbers and hosts are one word each."""
    for pattern, word in _PLACES:
        window = pattern.sub(word, window)
    words = ["#" if word.isdigit() else word for word in _WORD.findall(window.lower())[:_MOST_WORDS]]
    if len(words) < _FEWEST:
        return frozenset()
    framed = ["^", *words, "$"]
    pairs = (f"{one} {two}" for one, two in zip(framed, framed[1:], strict=False))
    apart = (f"{one} _ {two}" for one, two in zip(framed, framed[2:], strict=False))
    whole = (word for word in words if word < "\u3040")  # one sign of Chinese or Japanese says little
    return frozenset((*whole, *pairs, *apart))


def windows(text: str) -> Iterator[str]:
    """What is learnt from: each sentence of a text, then each with its successor, without what is quoted."""
    spoken = [words for _, _, words in _unquoted(text)]
    yield from (words for words in spoken if len(words) >= _SHORTEST)
    for one, two in pairwise(spoken):
        if len(one) >= _SHORTEST <= len(two):
            yield f"{one} {two}"


def _unquoted(text: str) -> Iterator[tuple[int, int, str]]:
    """Each sentence with its place, without what it quotes."""
    for start, end in sentences(text):
        yield start, end, _QUOTED.sub(" ", text[start:end])


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence or line in the first characters of a text."""
    start, size = 0, min(len(text), _MOST_TEXT)
    for match in _END.finditer(text, 0, size):
        if text[start : match.start()].strip():
            yield start, match.start()
        start = match.end()
    if text[start:size].strip():
        yield start, size
