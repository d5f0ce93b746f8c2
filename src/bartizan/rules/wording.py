"""Texts that steer a model: independent signals, found by patterns in several languages and weighed together.

No word decides. A signal counts where it stands in an instruction, not where it is denied, quoted as an example or
part of what a guard looks for; what counts is the sum of different signals that stand close together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bartizan.syntax.pattern import Pattern, compiled

AUTOMATON = 24 << 20
"""Bytes that one signal's automaton may grow to; with RE2's usual 8 MiB the larger ones start over and over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that a steering text does.

    `patterns` by language are joined by alternation and match without regard to case. `deniable` signals do not
    count after a negation in their sentence; `quotable` ones not inside quotation marks; `guarded` ones not in a
    sentence, or a text, that describes a guard. `own_names` are not counted when the words after them name a tool
    of the same server.
    """

    id: str
    weight: float
    says: str
    patterns: dict[str, tuple[Pattern, ...]]
    deniable: bool = True
    quotable: bool = True
    guarded: bool = True
    own_names: bool = False
    yields_to: tuple[str, ...] = ()
    """Signals beside which this one does not count: they say the same, more strongly."""
    own_act: bool = False
    """It is the tool's own act that counts, so that saying what the tool does takes nothing back."""
    soft: bool = False
    """What documentation says as well: any number of soft signals without another one report nothing."""
    told: bool = False
    """Does not count in a sentence that has the person shown, told or asked something."""
    rule: str = ""
    """The rule that reports it where no signal without one stands beside it, in place of those for steering."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Signals that mean more together than apart: `weight` is added when all of them stand in one window."""

    all_of: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The signals and what is subtracted. `window` is in characters; scores from `report` and `severe` on count."""

    signals: tuple[Signal, ...]
    bonds: tuple[Bond, ...]
    negations: Pattern
    insists: Pattern
    examples: Pattern
    guards: Pattern
    guard_tools: Pattern
    assent: Pattern
    discloses: Pattern
    """Sentences that have the person shown, told or asked something."""
    describes: Pattern
    own_server: Pattern
    tongues: Pattern
    """What no text in another language than English lacks: patterns of the others are tried only beside it."""
    unexcused: tuple[str, ...] = ()
    """Signals beside which it excuses nothing that the item is there to find such texts."""
    window: int = 420
    report: float = 4.0
    severe: float = 6.0


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of an item: a JSON pointer or another name of its place, and what stands there."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal at a place: `start` and `end` in the passage's text."""

    signal: Signal
    passage: int
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The heaviest window of an item. `score` is 0 when nothing counts."""

    score: float
    hits: tuple[Hit, ...] = ()
    anywhere: frozenset[str] = frozenset()
    """The signals that count anywhere in the item."""

    @property
    def ids(self) -> frozenset[str]:
        """Which signals it holds."""
        return frozenset(hit.signal.id for hit in self.hits)


@dataclass(slots=True)
class Reader:
    """Reads the texts of one item at a time."""

    wording: Wording
    _patterns: list[tuple[Signal, Any]] = field(default_factory=list, init=False)
    _foreign: list[tuple[Signal, Any]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        for signal in self.wording.signals:
            # Two automata for each signal: all languages in one outgrow RE2's cache, one for each costs calls.
            common = [text for language in ("any", "en") for text in signal.patterns.get(language, ())]
            others = [
                text for language, texts in signal.patterns.items() if language not in ("any", "en") for text in texts
            ]
            for part, home in ((common, self._patterns), (others, self._foreign)):
                if part:
                    joined = "|".join(f"(?:{text})" for text in part)
                    home.append((signal, compiled(joined, ignore_case=True, memory=AUTOMATON)))

    def read(self, passages: Sequence[Passage], own_names: Iterable[str] = ()) -> Reading:
        """Weigh the passages of one item; `own_names` are the tools of the same server, the item's own
        parameters with `=` behind them, and its own name with `()`: to name itself excuses nothing.
        """
        texts = [passage.text for passage in passages]
        joined, starts = _join(texts)
        raw = joined.encode("utf-8", "replace")
        names = frozenset(name.casefold() for name in own_names if len(name) >= 3)
        hits: list[Hit] = []
        spans: set[tuple[str, int]] = set()
        tongues = not raw.isascii() or self._matches("tongues", joined)
        for signal, matcher in (*self._patterns, *(self._foreign if tongues else ())):
            if not matcher.search(raw):
                continue
            for match in matcher.finditer(joined):
                index = _passage_at(starts, match.start())
                start, end = match.start() - starts[index], match.end() - starts[index]
                start += _LEAD.match(match.group()).end()  # type: ignore[union-attr]
                if end > len(texts[index]) or (signal.id, match.start()) in spans:
                    continue
                spans.add((signal.id, match.start()))
                share = self._share(signal, texts[index], start, end, names)
                if share:
                    hits.append(Hit(signal, index, start, end, signal.weight * share))
        heaviest = self._heaviest(hits)
        return Reading(heaviest.score, heaviest.hits, frozenset(hit.signal.id for hit in hits))

    def weighed(self, reading: Reading, description: str) -> float:
        """The reading's score; less for an item whose purpose is to find or stop such texts."""
        excused = reading.score and reading.ids.isdisjoint(self.wording.unexcused) and self.is_guard(description)
        return reading.score * 0.6 if excused else reading.score

    def is_excused(self, words: str) -> bool:
        """Whether a sentence puts a person before the act, or says what a guard looks for."""
        return self._matches("assent", words) or self._matches("guards", words)

    def _share(self, signal: Signal, text: str, start: int, end: int, own: frozenset[str]) -> float:
        """How much of its weight a match has: all, half where a sentence only says what the tool does, or none."""
        if _BREAK.search(text, start, end):
            return 0.0  # the words belong to two sentences
        first, last = sentence(text, start, end)
        before, whole = text[first:start], text[first:last]
        if signal.deniable and self._denied(before[-110:]):
            return 0.0
        if signal.quotable and _quoted(text, start, end, first, last):
            return 0.0
        inside = text[start:end]
        if self._matches("examples", before[-130:]) or self._matches("assent", whole):
            return 0.0
        if self._matches("examples", _LAST.sub("", inside)) or (signal.told and self._matches("discloses", whole)):
            return 0.0
        if signal.guarded and self._matches("guards", whole):
            return 0.0
        if signal.own_names and self._is_own(text[start : end + 90], whole, own, end - start):
            return 0.0
        halved = signal.deniable and not signal.own_act and self._matches("describes", whole.lstrip())
        return 0.5 if halved else 1.0

    def _is_own(self, text: str, whole: str, own: frozenset[str], size: int) -> bool:
        """Whether the words name a tool of the same server; one that names a stranger's does not, `size` being the
        length of the match itself.
        """
        names = _NAME.findall(text.casefold())
        inside = _NAME.findall(text[:size].casefold())
        if own and any("_" in name and own.isdisjoint((name, f"{name}=")) for name in names[: len(inside) + 4]):
            return False
        inputs = {f"{name}=" for name in inside}
        others = [name for name in names if f"{name}()" not in own]
        named = not own.isdisjoint(others) or not own.isdisjoint(inputs)
        return named or self._matches("own_server", whole)

    def _matches(self, part: str, text: str) -> bool:
        return bool(compiled(getattr(self.wording, part), ignore_case=True).search(text))

    def _denied(self, before: str) -> bool:
        """Whether a negation stands in the clause before, and is not one that insists (`do not forget to`)."""
        return self._matches("negations", before) and not self._matches("insists", before)

    def _heaviest(self, hits: list[Hit]) -> Reading:
        """The window with the greatest sum of different signals; a passage never shares its window with another."""
        best = Reading(0.0)
        hits.sort(key=lambda hit: (hit.passage, hit.start))
        for position, first in enumerate(hits):
            inside = [hit for hit in hits[position:] if hit.passage == first.passage]
            inside = [hit for hit in inside if hit.end - first.start <= self.wording.window]
            score = self._weigh(inside)
            if score > best.score:
                best = Reading(score, tuple(inside))
        return best

    def _weigh(self, hits: list[Hit]) -> float:
        """The sum of the different signals and of the bonds among them, a bond as strong as its weakest part."""
        weights: dict[str, float] = {}
        shares: dict[str, float] = {}
        for hit in hits:
            weights[hit.signal.id] = max(hit.weight, weights.get(hit.signal.id, 0.0))
            shares[hit.signal.id] = weights[hit.signal.id] / hit.signal.weight
        for hit in hits:
            if not shares.keys().isdisjoint(hit.signal.yields_to):
                weights.pop(hit.signal.id, None)
        bonds = sum(
            bond.weight * min(shares[name] for name in bond.all_of)
            for bond in self.wording.bonds
            if all(name in shares for name in bond.all_of)
        )
        score = sum(weights.values()) + bonds
        if all(hit.signal.soft for hit in hits):
            return min(score, self.wording.report - 0.5)
        return score

    def is_guard(self, description: str) -> bool:
        """Whether an item's purpose is to find or stop such texts."""
        return self._matches("guard_tools", description[:400])


_NAME = re.compile(r"[\w-]+(?:[./][\w-]+)*")
_LEAD = re.compile(r"[.!?;:,)\]}>\s]*")
"""What ends the sentence before a match."""
_LAST = re.compile(r"[^\s(]*$")
_BREAK = re.compile(r"[.!?]\s+[A-ZÀ-ÞА-Я]|。\s*\S")
_END = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bz\.B)(?<!\bE\.g)(?<!\betc)[.!?](?=[\s\"'”)]|$)|[。！？]|\n\s*\n|\n\s*(?:[-*•]|\d+[.)])\s|\|"
)


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around a span begins and ends."""
    first = max(0, start - 400)
    for match in _END.finditer(text, first, start):
        first = match.end()
    after = _END.search(text, end, end + 400)
    return first, after.end() if after else min(len(text), end + 400)


def _join(texts: list[str]) -> tuple[str, list[int]]:
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text) + 2
    return "\n\x00".join(texts), starts


def _passage_at(starts: list[int], offset: int) -> int:
    low, high = 0, len(starts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if starts[middle] <= offset else (low, middle - 1)
    return low


_QUOTES = {'"': '"', "'": "'", "“": "”", "«": "»", "„": "“", "「": "」", "『": "』", "`": "`", "‘": "’"}


def _quoted(text: str, start: int, end: int, first: int, last: int) -> bool:
    """Whether the span stands inside quotation marks of its sentence."""
    before, after = text[max(first, start - 60) : start], text[end : min(last, end + 60)]
    for opening, closing in _QUOTES.items():
        if opening == closing:
            if before.count(opening) % 2 == 1 and closing in after and not before.rstrip().endswith(("'s", "s'")):
                at = before.rfind(opening)
                if opening == "'" and at > 0 and before[at - 1].isalpha():
                    continue  # an apostrophe
                return True
        elif before.rfind(opening) > before.rfind(closing) and closing in after:
            return True
    return False
