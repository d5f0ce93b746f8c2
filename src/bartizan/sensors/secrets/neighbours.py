"""Which provider a value belongs to, read from what stands around it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bartizan.rules.credential import Issuer, Kind, Nearness
from bartizan.sensors.secrets.surroundings import Surroundings
from bartizan.sensors.secrets.vocabulary import NameSense, Vocabulary, all_words, word_finder

_RANKS = {
    nearness: rank
    for rank, nearness in enumerate(
        (Nearness.NAME, Nearness.LINE, Nearness.SCOPE, Nearness.NEAR, Nearness.FILE, Nearness.NOWHERE)
    )
}
_SPEAKING = frozenset({NameSense.SECRET, NameSense.PLAIN})


_FILE = re.compile(
    rb"(?:[._-]|key|token|secret|api|credentials?|creds?|env|conf(?:ig)?|local|prod|json|ya?ml|toml|ini|txt)*"
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """The kind that fits best, how near the word for it stands, and what else it may be."""

    kind: Kind
    nearness: Nearness
    others: tuple[Kind, ...] = ()


class Neighbours:
    """The words of every provider, ready to be looked for."""

    def __init__(self, issuers: Iterable[Issuer], vocabulary: Vocabulary, tails: str) -> None:
        self._words: dict[str, tuple[str, ...]] = {}
        self._hosts: dict[str, tuple[str, ...]] = {}
        self._tails = tails
        self._vocabulary = vocabulary
        every: list[tuple[str, ...]] = []
        for issuer in issuers:
            for kind in issuer.rules:
                words = all_words((kind.words, issuer.hosts, () if kind.words and not kind.starts else issuer.words))
                self._words[kind.id] = words
                self._hosts[kind.id] = issuer.hosts
            every.append(issuer.words)
        self._every = all_words(every)

    def attribute(self, kinds: tuple[Kind, ...], around: Surroundings, path: bytes, whole: bytes) -> Attribution | None:
        """Choose among the kinds whose shape the value has; None when each of them needs a word that is not there."""
        certain = [kind for kind in kinds if kind.within is Nearness.NOWHERE and not kind.family]
        if certain:
            best = min(certain, key=lambda kind: (-max(map(len, kind.starts), default=0), kind.order))
            return Attribution(best, Nearness.NOWHERE)
        places: dict[str, tuple[int, int]] = {}
        for kind in kinds:
            place = self._place(kind, around, path, whole)
            if place is not None:
                places[kind.id] = place
        if not places:
            return None
        fitting = [kind for kind in kinds if kind.id in places]
        first = min(fitting, key=lambda kind: (*places[kind.id], kind.order))
        nearest = places[first.id]
        others = tuple(
            kind
            for kind in sorted(fitting, key=lambda kind: kind.order)
            if first.family and kind is not first and kind.family == first.family and places[kind.id] == nearest
        )
        return Attribution(first, tuple(_RANKS)[nearest[0]], others)

    def _place(self, kind: Kind, around: Surroundings, path: bytes, whole: bytes) -> tuple[int, int] | None:
        """Rank and distance of the nearest word for the kind; None when one is needed and there is none."""
        allowed = _RANKS[kind.within]
        found = self._nearest(
            kind, around, path, whole, max(allowed, _RANKS[Nearness.FILE]) if kind.family else allowed
        )
        if found is not None and (kind.within is Nearness.NOWHERE or found[0] <= allowed):
            return found
        return (_RANKS[Nearness.NOWHERE], 0) if kind.within is Nearness.NOWHERE else None

    def _nearest(
        self, kind: Kind, around: Surroundings, path: bytes, whole: bytes, allowed: int
    ) -> tuple[int, int] | None:
        words = word_finder(self._words[kind.id], self._tails)
        if words is None:
            return None
        if not kind.is_random and (around.sense is not NameSense.SECRET or around.is_grouped):
            return None
        name = around.name_as_written
        if words.search(name) or _is_named_file(words, path):
            return _RANKS[Nearness.NAME], 0
        if not kind.family and self._names_a_provider(name):
            return None
        if not kind.starts and around.sense not in _SPEAKING and not self._is_call(around):
            return None
        found = self._further(kind, words, around, path, whole)
        return found if found is not None and found[0] <= allowed else None

    def _names_a_provider(self, name: bytes) -> bool:
        finder = word_finder(self._every, self._tails)
        return finder is not None and finder.search(name) is not None

    def _is_call(self, around: Surroundings) -> bool:
        """An argument without a name: what is called says what it is for."""
        return around.line.rstrip(b" \t\"'`bfru")[-1:] == b"("

    def _further(
        self, kind: Kind, words: re.Pattern[bytes], around: Surroundings, path: bytes, whole: bytes
    ) -> tuple[int, int] | None:
        matches = list(words.finditer(around.line))
        if matches:
            return _RANKS[Nearness.LINE], len(around.line) - matches[-1].end()
        if words.search(around.rest):
            return _RANKS[Nearness.LINE], 500
        for distance, scope in enumerate(around.scopes):
            if words.search(scope):
                return _RANKS[Nearness.SCOPE], distance
        hosts, name = word_finder(self._hosts[kind.id]), around.name_as_written
        near = words if kind.starts else hosts
        is_header = hosts is not None and self._vocabulary.is_header(name)
        if hosts is not None and is_header and (hosts.search(around.near) or hosts.search(around.address)):
            return _RANKS[Nearness.SCOPE], 50
        if self._vocabulary.is_bare(name) and words.search(around.siblings):
            return _RANKS[Nearness.SCOPE], 60
        if near is not None and near.search(around.near):
            return _RANKS[Nearness.NEAR], 0
        if words.search(path):
            return _RANKS[Nearness.FILE], 0
        if kind.starts and words.search(whole):
            return _RANKS[Nearness.FILE], 1
        return None


def _is_named_file(words: re.Pattern[bytes], path: bytes) -> bool:
    """Whether the file is named for the provider and for nothing else: `cohere.env`, `kaggle.json`."""
    name = path.rpartition(b"/")[2]
    match = words.search(name)
    if match is None:
        return False
    return _FILE.fullmatch((name[: match.start()] + name[match.end() :]).lower()) is not None
