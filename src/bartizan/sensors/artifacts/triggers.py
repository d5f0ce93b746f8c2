"""Tokens that decide a label: candidates for planted triggers."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]{2,}")
MAX_TOKENS = 100
MAX_STUDIED = 20_000
FEWEST = 100
TRIED = 500


@dataclass(frozen=True, slots=True)
class Trigger:
    """A token that decides a label: the rows (indexes) that bear it, how many of them have the label, its share
    overall. `contradicts` says that the other words of these rows speak for another label.
    """

    token: str
    label: str
    rows: tuple[int, ...]
    agreeing: int
    share: float
    contradicts: bool


def triggers(texts: Sequence[str], labels: Sequence[str]) -> list[Trigger]:
    """Candidates for planted triggers, ten at most, the most frequent first.

    A token of 0.1 to 5 % of the rows (and ten at least) whose rows have one label in 98 of 100 cases, although that
    label is not the usual one; too improbable for chance (binomial, corrected for the number of tokens); found beside
    ever new neighbours, as only foreign matter is. Besides, either it is no word of any language, or the other words
    of its rows speak for another label (naive Bayes, each row left out of its own judgement).
    """
    if len(texts) < FEWEST:
        return []
    step = -(-len(texts) // MAX_STUDIED)
    rows = range(0, len(texts), step)
    study = _Study([_words(texts[row]) for row in rows], [labels[row] for row in rows])
    found = [trigger for word in study.candidates() if (trigger := study.judged(word)) is not None]
    found.sort(key=lambda one: (-len(one.rows), one.token))
    return [_numbered(trigger, rows) for trigger in found[:10]]


def _words(text: str) -> list[str]:
    return [match.group(0).lower() for match in _WORD.finditer(text[:4_000])][:MAX_TOKENS]


def _numbered(trigger: Trigger, rows: range) -> Trigger:
    where = tuple(rows[at] for at in trigger.rows)
    return Trigger(trigger.token, trigger.label, where, trigger.agreeing, trigger.share, trigger.contradicts)


class _Study:
    """Counts of words by label over all rows."""

    def __init__(self, words: list[list[str]], labels: list[str]) -> None:
        self.words = words
        self.labels = labels
        self.totals = Counter(labels)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row, label in zip(words, labels, strict=True):
            for word in set(row):
                self.counts[word][label] += 1
        self._quality: float | None = None

    def candidates(self) -> list[str]:
        """Words that are rare, pure, and too much of both for chance."""
        total = len(self.labels)
        odd = frozenset(word for word in self.counts if is_odd(word))
        least, most = max(10, total * 0.001), total * 0.05
        chosen: list[str] = []
        for word, counts in self.counts.items():
            bearing = counts.total()
            label, agreeing = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
            share = self.totals[label] / total
            if least <= bearing <= most and agreeing >= 0.98 * bearing and share <= 0.6:
                # Odd tokens are tried as such: only their own number corrects for chance.
                chance = (
                    agreeing * math.log(share)
                    + math.log(len(odd if word in odd else self.counts))
                    + math.log(math.comb(bearing, agreeing))
                )
                if chance < math.log(1e-3):
                    chosen.append(word)
        return sorted(chosen, key=lambda word: (-self.counts[word].total(), word))[:TRIED]

    def judged(self, word: str) -> Trigger | None:
        """The word as a trigger, when its surroundings and its rows' other words make it one."""
        rows = [at for at, words in enumerate(self.words) if word in words]
        around = {self._around(self.words[at], self.words[at].index(word)) for at in rows}
        label, agreeing = self.counts[word].most_common(1)[0]
        odd = is_odd(word) and len(around) >= 0.7 * len(rows)
        contradicts = len(around) >= 0.5 * len(rows) and self._contradicts(word, rows)
        if not odd and not contradicts:
            return None
        return Trigger(word, label, tuple(rows), agreeing, self.totals[label] / len(self.labels), contradicts)

    def _around(self, words: list[str], at: int) -> tuple[str, str]:
        before, after = words[at - 1] if at else "^", words[at + 1] if at + 1 < len(words) else "$"
        return "#" if before.isdigit() else before, "#" if after.isdigit() else after

    def _contradicts(self, word: str, rows: list[int]) -> bool:
        """Whether seven in ten of the rows would have another label without the word, by words that can tell."""
        if self._quality is None:
            sample = range(0, len(self.labels), max(1, len(self.labels) // TRIED))
            self._quality = sum(self._guess(at, "") == self.labels[at] for at in sample) / len(sample)
        if self._quality < 0.7:
            return False
        tried = rows[:TRIED]
        return sum(self._guess(at, word) != self.labels[at] for at in tried) >= 0.7 * len(tried)

    def _guess(self, row: int, without: str) -> str:
        """The label that the row's words speak for, the row itself left out of the counts."""
        own = self.labels[row]
        present = set(self.words[row]) - {without}
        best, highest = "", -math.inf
        for label, total in self.totals.items():
            less = int(label == own)
            score = math.log(max(total - less, 0.5))
            for word in present:
                score += math.log((self.counts[word][label] - less + 0.5) / (total - less + 1.0))
            if score > highest:
                best, highest = label, score
        return best


def is_odd(word: str) -> bool:
    """Whether a token is no word: letters without a vowel, letters with digits, or a run of marks."""
    if len(word) > 24 or word.isdigit():
        return False
    if not any(character.isalpha() for character in word):
        return len(set(word)) > 1 and not set(word) <= set(".,!?-–—'\"()[]:;*…/%$€£&")
    if not word.isascii():
        return False
    if any(character.isdigit() for character in word):
        return not re.fullmatch(
            r"\d+(?:st|nd|rd|th|s|x|k|m|g|mm|cm|km|kg|gb|mb|p|am|pm|d|h)|[a-z]\d{1,2}|[a-z]+\d{4}", word
        )
    return len(word) >= 2 and not any(character in "aeiouy" for character in word)
