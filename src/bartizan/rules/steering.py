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
from importlib import resources

import msgspec

_WORD = re.compile(
    r"[a-z\u00e0-\u00f6\u00f8-\u017f]+|[\u0400-\u04ff]+|[\u3040-\u30ff\u4e00-\u9fff]|\d+|[@%$~/{}<>]|://", re.IGNORECASE
)
_END = re.compile(r"(?<=[.!?;。！？；])\s*(?=\S)|\n+")
_QUOTED = re.compile(r"\"[^\"\n]{15,}\"|“[^”\n]{15,}”|`[^`\n]{15,}`|'[^'\n]{25,}'|「[^」]{8,}」")
_MOST_WORDS = 120
_MOST_TEXT = 6000
"""Characters of one text that are read."""
_SHORTEST = 9


class Table(msgspec.Struct, frozen=True):
    """What was learnt. The sum over a window's features is divided by the root of their number; `report` is the
    score from which a window counts alone, `support` from which it counts beside another sign.
    """

    bias: float
    report: float
    support: float
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class Window:
    """The sentence, or two neighbours, that scored highest. `words` carried most of it."""

    score: float
    start: int
    end: int
    words: tuple[str, ...] = ()


NOTHING = Window(-math.inf, 0, 0)


class Steering:
    """Reads texts by a table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def read(self, text: str) -> Window:
        """The heaviest window of a text; `NOTHING` for one without sentences. What is quoted is not read."""
        best, found = -math.inf, None
        for start, end, window in windows(text):
            score = self.score(window)
            if score > best:
                best, found = score, (start, end, window)
        if found is None:
            return NOTHING
        start, end, window = found
        known = sorted(features(window), key=lambda name: -self.table.weights.get(name, 0.0))
        return Window(best, start, end, tuple(name for name in known[:4] if self.table.weights.get(name, 0.0) > 0))

    def score(self, window: str) -> float:
        """The model's logit."""
        names = features(window)
        if not names:
            return -math.inf
        known = self.table.weights
        return self.table.bias + sum(known.get(name, 0.0) for name in names) / math.sqrt(len(names))


@lru_cache(maxsize=1)
def learnt() -> Steering:
    """The table of the package. Raises OSError or msgspec.DecodeError when it is not whole."""
    data = resources.files("bartizan.packs").joinpath("steering.json").read_bytes()
    return Steering(msgspec.json.decode(data, type=Table))


def features(window: str) -> frozenset[str]:
    """Its words, pairs of neighbours, and pairs with one word between; digits count as one word."""
    words = ["#" if word.isdigit() else word for word in _WORD.findall(window.lower())[:_MOST_WORDS]]
    if not words:
        return frozenset()
    framed = ["^", *words, "$"]
    pairs = (f"{one} {two}" for one, two in zip(framed, framed[1:], strict=False))
    apart = (f"{one} _ {two}" for one, two in zip(framed, framed[2:], strict=False))
    return frozenset((*words, *pairs, *apart))


def windows(text: str) -> Iterator[tuple[int, int, str]]:
    """Each sentence, then each with its successor: start and end in the text, and what of it is not quoted."""
    spans = list(_sentences(text[:_MOST_TEXT]))
    unquoted = [_QUOTED.sub(" ", text[start:end]) for start, end in spans]
    for (start, end), words in zip(spans, unquoted, strict=True):
        if len(words) >= _SHORTEST:
            yield start, end, words
    for position in range(len(spans) - 1):
        first, second = unquoted[position], unquoted[position + 1]
        if len(first) >= _SHORTEST and len(second) >= _SHORTEST:
            yield spans[position][0], spans[position + 1][1], f"{first} {second}"


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if text[start : match.start()].strip():
            yield start, match.start()
        start = match.end()
    if text[start:].strip():
        yield start, len(text)
