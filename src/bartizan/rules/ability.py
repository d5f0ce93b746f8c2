"""What a tool can do, read from its name, its text and its parameters.

A linear model over what their words mean (`rules.senses`) and over the words themselves. Its weights are learnt from
labelled tools (`benchmarks/abilities`), so that it also knows wordings that nobody listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import Any

import msgspec

from bartizan.rules.learnt import read_table
from bartizan.rules.senses import Senses
from bartizan.rules.toolfacts import spoken

ABILITIES = ("untrusted", "private", "external", "write", "execute")
"""Bring in text that strangers wrote, read what is not public, send to strangers, change, run."""
BEGINNING = 280
"""Characters of a description that say what a tool does; what follows is advice."""
_SENTENCE = re.compile(r"(?<=[a-z)\]\"'])[.!?:;](?:\s|$)|[。！？；]|\n\s*\n|\n\s*[-*#]")
_BEFORE_VERBS = frozenset(("to", "and", "or", "then", "can", "will", "und", "et", "y", "e", "ou", "и"))
_MOST_NAME, _MOST_FIRST, _MOST_REST, _MOST_PARAMETERS = 10, 28, 24, 12


class Table(msgspec.Struct, frozen=True):
    """What was learnt: for each ability, in their order, a bias, the mark from which it counts, and the weights of
    the features.
    """

    bias: tuple[float, ...]
    marks: tuple[float, ...]
    weights: dict[str, tuple[float, ...]]


class Abilities:
    """Reads tools by a table."""

    def __init__(self, table: Table, senses: Senses) -> None:
        self.table, self.senses = table, senses

    def of(self, name: str, text: str, parameters: Sequence[str], hints: Mapping[str, Any]) -> frozenset[str]:
        """The abilities of a tool.

        One that fetches whatever address it is given also tells that address what the model puts in it. The hint that
        it only reads takes `write` and `execute` back, the hint of a closed world `untrusted` and `external`.
        """
        scores = self.scores(name, text, parameters)
        marks = self.table.marks
        found = {ability for place, ability in enumerate(ABILITIES) if scores[place] >= marks[place]}
        if "untrusted" in found and self._takes_address(text, parameters):
            found.add("external")
        if hints.get("readOnlyHint") is True:
            found -= {"write"} if "execute" in found else {"write", "execute"}
        if hints.get("openWorldHint") is False:
            found -= {"untrusted", "external"}
        return frozenset(found)

    def _takes_address(self, text: str, parameters: Sequence[str]) -> bool:
        if parameters:
            return any(str(parameter).lower() in self.senses.addresses for parameter in parameters)
        first, _ = _divided(text[:BEGINNING].lower())
        return any(word in self.senses.addresses for word, _ in self.senses.read(first, _MOST_FIRST))

    def scores(self, name: str, text: str, parameters: Sequence[str]) -> list[float]:
        """The model's logit for each ability."""
        sums = list(self.table.bias)
        weights = self.table.weights
        for feature in features(name, text, parameters, self.senses):
            learnt = weights.get(feature)
            if learnt is not None:
                for place, weight in enumerate(learnt):
                    sums[place] += weight
        return sums


@lru_cache(maxsize=1)
def learnt() -> Table:
    """The table of the package. Raises as `read_table` does."""
    return read_table("abilities", Table)


def features(name: str, text: str, parameters: Sequence[str], senses: Senses) -> frozenset[str]:
    """Words and senses of the name (`n`), of the first sentence (`d`), of what follows it (`e`) and of the parameters
    (`p`); pairs of senses; and the first verb of name and sentence with each sense beside it.
    """
    first, rest = _divided(text[:BEGINNING].strip().lower())
    named = _placed(senses.read(spoken(name), _MOST_NAME), senses.verbs, in_name=True)
    said = _placed(senses.read(first, _MOST_FIRST), senses.verbs)
    more = senses.read(rest, _MOST_REST)
    given = [word for each in parameters[:_MOST_PARAMETERS] for word in senses.read(spoken(str(each)), 4)]
    return frozenset(_features(named, said, more, given, senses.verbs))


Words = list[tuple[str, tuple[str, ...]]]


def _features(named: Words, said: Words, more: Words, given: Words, verbs: frozenset[str]) -> Iterator[str]:
    own = _first(named, verbs)
    yield f"nv:{own}"
    yield from (f"n={word}" for word, _ in named)
    here = _senses(named)
    yield from (f"n:{sense}" for sense in here)
    yield from (f"n:{own}+{sense}" for sense in here)
    does = _first(said, verbs)
    yield f"dv:{does}"
    yield from (f"d={word}" for word, _ in said)
    there = _senses(said)
    for sense in there:
        yield f"d:{sense}"
        yield f"d:{does}+{sense}"
        yield f"nd:{own}+{sense}"
    for one, other in _neighbours(said):
        yield f"d:{one}>{other}"
    for one, other in _neighbours(named):
        yield f"n:{one}>{other}"
    yield from (f"e:{sense}" for sense in _senses(more))
    yield from (f"p={word}" for word, _ in given)
    for sense in _senses(given):
        yield f"p:{sense}"
        yield f"p:{own}+{sense}"
    if not given:
        yield "p#"


def _placed(words: Words, verbs: frozenset[str], *, in_name: bool = False) -> Words:
    """The words without the verbs among the senses of those that are things as well and stand where no verb does: a
    verb comes first, after a name's prefix, or after one of a few words.
    """
    found: Words = []
    before = ""
    for place, (word, senses) in enumerate(words):
        leads = place == 0 or (place == 1 and len(words) > 2 if in_name else before in _BEFORE_VERBS)
        mixed = len(senses) > 1 and not verbs.isdisjoint(senses) and not verbs.issuperset(senses)
        kept = tuple(sense for sense in senses if sense not in verbs) if mixed and not leads else senses
        found.append((word, kept))
        before = word
    return found


def _senses(words: Words) -> frozenset[str]:
    return frozenset(sense for _, senses in words for sense in senses)


def _first(words: Words, verbs: frozenset[str]) -> str:
    return next((sense for _, senses in words for sense in senses if sense in verbs), "")


def _neighbours(words: Words) -> Iterator[tuple[str, str]]:
    """Senses of words that follow each other, words without any left out."""
    telling = [senses for _, senses in words if senses]
    for one, other in pairwise(telling):
        yield from product(one[:3], other[:3])


def _divided(text: str) -> tuple[str, str]:
    """The first sentence that is one, and the rest."""
    for match in _SENTENCE.finditer(text):
        if match.start() >= 12:
            return text[: match.start()], text[match.end() :]
    return text, ""
