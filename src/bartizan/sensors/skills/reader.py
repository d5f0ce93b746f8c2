"""Finds signals in units, each pattern at most once over all text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import re2

from bartizan.rules.skills import Reading, Signal
from bartizan.sensors.skills.unit import Unit
from bartizan.syntax.pattern import compiled


@dataclass(frozen=True, slots=True)
class Hit:
    """One signal in one unit, with the words that carried it."""

    signal: str
    unit: Unit
    words: str


class PatternSet:
    """Many patterns matched in one pass over a text; says which ones occur."""

    def __init__(self, patterns: Iterable[str]) -> None:
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = False
        options.max_mem = 256 << 20
        self.patterns = tuple(patterns)
        self._set = re2.Set.SearchSet(options)
        for pattern in self.patterns:
            self._set.Add(pattern)
        self._set.Compile()

    def match(self, text: str) -> list[int]:
        """Indexes of the patterns that occur in the text."""
        found: list[int] = self._set.Match(text)
        return found


class Reader:
    """All signals of the pack, ready to be looked for."""

    def __init__(self, signals: Iterable[Signal], reading: Reading) -> None:
        self._owners = [(signal, pattern) for signal in signals for pattern in signal.patterns]
        self._signals = PatternSet(pattern for _, pattern in self._owners)
        self._cited = PatternSet(reading.cited_sentences)
        self._cited_code = PatternSet(reading.cited_code)
        self._headings = PatternSet(reading.cited_headings)
        self._negations = PatternSet(reading.negations)
        self._paths = PatternSet(reading.cited_paths)
        self._purpose = PatternSet(reading.security_purpose)
        self._sections: dict[str, bool] = {}

    def security_purpose(self, description: str) -> bool:
        """Whether attacks are the subject of a skill with that name and description."""
        return bool(self._purpose.match(description))

    def hits(self, units: Iterable[Unit], *, careful: bool = False) -> list[Hit]:
        """Every signal that counts. `careful` is for skills about attacks: tables, quotes and samples are cited."""
        found: list[Hit] = []
        for unit in units:
            marks = self._signals.match(unit.text)
            if marks:
                found += self._judged(self._presented(unit, careful), marks)
        return found

    def _judged(self, unit: Unit, marks: list[int]) -> Iterable[Hit]:
        seen: set[str] = set()
        negated: bool | None = None
        for mark in sorted(marks):
            signal, pattern = self._owners[mark]
            if signal.name in seen or unit.place not in signal.places or (unit.cited and not signal.cited):
                continue
            if any(compiled(each, True).search(unit.text) for each in signal.unless):
                continue
            if not signal.negated and unit.place in ("prose", "heading", "front", "quote", "table", "comment"):
                negated = bool(self._negations.match(unit.text)) if negated is None else negated
                if negated:
                    continue
            match = compiled(pattern, True).search(unit.text)
            if match:
                seen.add(signal.name)
                yield Hit(signal.name, unit, match.group(0)[:200])

    def _presented(self, unit: Unit, careful: bool) -> Unit:
        """The unit, marked as cited when what stands around it says that it is an example."""
        if unit.cited:
            return unit
        cited = (
            (careful and unit.place in ("table", "quote", "sample", "heading"))
            or self._in_cited_section(unit.section)
            or bool(self._paths.match(unit.file))
        )
        if unit.place in ("python", "script", "shell"):
            cited = cited or bool(self._cited_code.match(unit.text)) or bool(unit.lead and self._cited.match(unit.lead))
        else:
            cited = cited or bool(self._cited.match(unit.text)) or bool(unit.lead and self._cited.match(unit.lead))
        return replace(unit, cited=True) if cited else unit

    def _in_cited_section(self, section: str) -> bool:
        if section not in self._sections:
            if len(self._sections) > 4096:
                self._sections.clear()
            self._sections[section] = bool(section and self._headings.match(section))
        return self._sections[section]


def words_of(value: Any) -> str:
    """Text of a front matter value, whatever its type."""
    if isinstance(value, list):
        return " ".join(words_of(item) for item in value[:200])
    if isinstance(value, dict):
        return " ".join(f"{key} {words_of(item)}" for key, item in list(value.items())[:200])
    return "" if value is None else str(value)
