"""What words mean, whatever their form: each has one or a few senses, from a list in the packs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(
    r"[a-z0-9\u00e0-\u00f6\u00f8-\u024f]+|[\u0400-\u04ff]+|[\u3040-\u30ff\u4e00-\u9fff]+|[\uac00-\ud7af]+"
)
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("ers", ""))
_SHORTEST = 3
_LONGEST = 40
_LONGEST_SIGNS = 4
_MOST_KNOWN = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SenseLists:
    """Words by what they mean: what is done, and what it is done to. `addresses` are names of parameters that take any
    place of the web.
    """

    verbs: dict[str, tuple[str, ...]]
    things: dict[str, tuple[str, ...]]
    addresses: tuple[str, ...]


class Senses:
    """Looks words up. An entry that ends with `*` stands for all words that begin so; one of two words for the pair;
    one in a script without blanks for any place within a run of its signs.
    """

    def __init__(self, lists: SenseLists) -> None:
        self.verbs = frozenset(lists.verbs)
        self.addresses = frozenset(lists.addresses)
        self._whole: dict[str, list[str]] = {}
        self._beginnings: dict[str, list[str]] = {}
        for sense, entries in (*lists.verbs.items(), *lists.things.items()):
            for entry in entries:
                table = self._beginnings if entry.endswith("*") else self._whole
                table.setdefault(entry.removesuffix("*").replace("-", " "), []).append(sense)
        self._pairs = frozenset(entry for entry in self._whole if " " in entry)
        self._known: dict[str, tuple[str, ...]] = {}

    def read(self, text: str, most: int) -> list[tuple[str, tuple[str, ...]]]:
        """The first `most` words of a lower-case text, each with its senses."""
        found: list[tuple[str, tuple[str, ...]]] = []
        before = ""
        known = self._known
        for word in _WORD.findall(text)[:most]:
            senses = known.get(word)
            if senses is None:
                senses = self._look_up(word)
                if len(known) < _MOST_KNOWN:
                    known[word] = senses
            if (pair := f"{before} {word}") in self._pairs:
                senses = (*senses, *self._whole[pair])
            found.append((word, senses))
            before = word
        return found

    def _look_up(self, word: str) -> tuple[str, ...]:
        if word[0] >= "\u3040":
            return tuple(dict.fromkeys(self._inside(word[:_LONGEST])))
        for form in _forms(word):
            if form in self._whole:
                return tuple(self._whole[form])
        for size in range(min(len(word), 16), _SHORTEST - 1, -1):
            if word[:size] in self._beginnings:
                return tuple(self._beginnings[word[:size]])
        return ()

    def _inside(self, run: str) -> Iterator[str]:
        for start in range(len(run)):
            for size in range(1, _LONGEST_SIGNS + 1):
                part = run[start : start + size]
                yield from self._whole.get(part, ())
                yield from self._beginnings.get(part, ())


def _forms(word: str) -> Iterator[str]:
    """The word, and what it may be a form of."""
    yield word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            stem = word[: -len(ending)] + instead
            yield stem
            if not instead and ending in ("ing", "ed") and stem[-1] == stem[-2]:
                yield stem[:-1]
