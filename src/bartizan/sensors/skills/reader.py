"""Finds signals in units, each pattern at most once over all text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bartizan.rules.skills import Reading, Signal
from bartizan.rules.steering import learnt
from bartizan.sensors.skills.unit import Unit
from bartizan.syntax.pattern import compiled
from bartizan.syntax.patternset import PatternSet

LEARNT = ("prose", "front", "comment")
"""Where whole sentences stand."""
SMALL = 30
"""Units of prose in a small skill."""
CODE = ("python", "script", "shell")
PROSE = ("prose", "heading", "front", "quote", "table", "comment", "sample")
_ADDRESS = re.compile(
    r"https?://\S+|[\w.+-]+@[\w.-]+|\b(?:[\w-]+\.)+(?:com|org|net|io|dev|ai|co|example|invalid|test)\b"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One signal in one unit, with the words that carried it."""

    signal: str
    unit: Unit
    words: str
    start: int = 0
    """Where in the unit's text the words begin."""


class _Chooser:
    """Patterns without a place of their own: does any of them occur?"""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._set = PatternSet(patterns)

    def match(self, text: str) -> bool:
        return any(compiled(self._set.patterns[index], True).search(text) for index in self._set.match(text))


class Reader:
    """All signals of the pack, ready to be looked for."""

    def __init__(self, signals: Iterable[Signal], reading: Reading) -> None:
        owners = [(signal, pattern) for signal in signals for pattern in signal.patterns]
        places = {place for signal, _ in owners for place in signal.places}
        self._owners = {place: [each for each in owners if place in each[0].places] for place in places}
        self._signals = {place: PatternSet(pattern for _, pattern in table) for place, table in self._owners.items()}
        self._cited = _Chooser(reading.cited_sentences)
        self._cited_code = _Chooser(reading.cited_code)
        self._headings = _Chooser(reading.cited_headings)
        self._negations = _Chooser(reading.negations)
        self._paths = _Chooser(reading.cited_paths)
        self._run = _Chooser(reading.run_paths)
        self._documents = _Chooser(reading.cited_documents)
        self._purpose = _Chooser(reading.security_purpose)
        self._known = _Chooser(reading.known_places)
        self._public = _Chooser(reading.public_places)
        self._sections: dict[str, bool] = {}

    def security_purpose(self, description: str) -> bool:
        """Whether attacks are the subject of a skill with that name and description."""
        return self._purpose.match(description)

    def known_place(self, address: str) -> bool:
        """Whether a host, with the beginning of its path, is one that everybody knows, or stands for any."""
        return self._known.match(address)

    def public_place(self, host: str) -> bool:
        """Whether a host only answers questions about public things."""
        return self._public.match(host)

    def hits(self, units: Iterable[Unit], *, careful: bool = False) -> list[Hit]:
        """Every signal that counts. `careful` is for skills about attacks: tables, quotes and samples are cited."""
        found: list[Hit] = []
        units = list(units)
        times = sum(unit.place in LEARNT for unit in units) / SMALL
        for unit in units:
            signals = self._signals.get(unit.place)
            marks = signals.match(unit.text) if signals else []
            if marks:
                found += self._judged(self.presented(unit, careful), marks, careful and unit.fenced)
            if unit.place in LEARNT and not unit.fenced:
                found += self._resembling(unit, careful, times)
        return found

    def _resembling(self, unit: Unit, careful: bool, times: float) -> Iterable[Hit]:
        """Whether the sentence resembles those that serve somebody else, though no pattern knows it; so many `times`
        more is read than in a small skill.
        """
        steering = learnt()
        window = next(iter(steering.heavy(unit.text)), None)
        least = steering.mark(steering.table.support, times)
        if window is not None and window.score >= least and not self.presented(unit, careful).cited:
            name = "steers" if window.score >= steering.mark(steering.table.prose, times) else "leans"
            yield Hit(name, unit, ", ".join(window.words))

    def _judged(self, unit: Unit, marks: list[int], shown: bool) -> Iterable[Hit]:
        seen: set[str] = set()
        for mark in marks:
            signal, pattern = self._owners[unit.place][mark]
            match = None if signal.name in seen else compiled(pattern, True).search(unit.text)
            if not match or (unit.cited and not signal.cited) or (shown and not signal.careful):
                continue
            if any(compiled(each, True).search(unit.text) for each in signal.unless):
                continue
            if not signal.negated and unit.place in PROSE and self._denied(unit.text, match.start(), match.end()):
                continue
            seen.add(signal.name)
            yield Hit(signal.name, unit, match.group(0)[:200], match.start())

    def _denied(self, text: str, start: int, stop: int) -> bool:
        """Whether a negation stands in the words, or shortly before them in the same clause."""
        clause = re.split(r"[;:,]|\b(?:and|but|then)\b", text[max(0, start - 60) : start])[-1]
        return self._negations.match(clause + text[start : min(stop, start + 60)])

    def presented(self, unit: Unit, careful: bool) -> Unit:
        """The unit, marked as cited when what stands around it says that it is an example."""
        if unit.cited:
            return unit
        cited = (
            (careful and self._shows(unit))
            or self._in_cited_section(unit.section)
            or self._in_cited_file(unit, careful)
        )
        if not cited:
            own = self._cited_code if unit.place in CODE else self._cited
            cited = own.match(_plain(unit.text)) or (bool(unit.lead) and self._cited.match(_plain(unit.lead)))
        return replace(unit, cited=True) if cited else unit

    def _in_cited_file(self, unit: Unit, careful: bool) -> bool:
        runs = unit.place in CODE and not careful and self._run.match(unit.file)
        return self._paths.match(unit.file) and not runs

    def _shows(self, unit: Unit) -> bool:
        """Whether a unit of a skill about attacks stands where such a skill shows them."""
        shown = not {unit.place, unit.shown_in}.isdisjoint(("table", "quote", "sample", "heading"))
        return shown or self._documents.match(unit.file)

    def _in_cited_section(self, section: str) -> bool:
        if section not in self._sections:
            if len(self._sections) > 4096:
                self._sections.clear()
            self._sections[section] = bool(section) and self._headings.match(section)
        return self._sections[section]


def _plain(text: str) -> str:
    """Without addresses, whose words say nothing about the sentence."""
    return _ADDRESS.sub("…", text) if "." in text else text


def words_of(value: Any) -> str:
    """Text of a front matter value, whatever its type."""
    if isinstance(value, list):
        return " ".join(words_of(item) for item in value[:200])
    if isinstance(value, dict):
        return " ".join(f"{key} {words_of(item)}" for key, item in list(value.items())[:200])
    return "" if value is None else str(value)
