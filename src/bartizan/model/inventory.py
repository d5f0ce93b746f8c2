"""Assets, relations and findings together: what a scan, or all scans so far, know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bartizan.model.asset import Asset
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Finding
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation

Folded = TypeVar("Folded", Asset, Finding)


@dataclass(slots=True)
class Inventory:
    """A graph keyed by content ids. Adding is idempotent and the order of additions does not matter."""

    assets: dict[str, Asset] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    checked: dict[str, int] = field(default_factory=dict)
    gaps: dict[Coverage, None] = field(default_factory=dict)

    def add(self, observations: Iterable[Observation]) -> None:
        """Take the observations in, folding each into what is already known under its id."""
        for seen in observations:
            match seen:
                case Finding():
                    _fold(self.findings, seen.id, seen)
                case Asset():
                    _fold(self.assets, seen.id, seen)
                case Relation():
                    self.relations[seen.id] = seen
                case Coverage(outcome=Outcome.CHECKED):
                    self.checked[seen.sensor] = self.checked.get(seen.sensor, 0) + 1
                case Coverage():
                    self.gaps[seen] = None

    def merge(self, other: Inventory) -> None:
        """Take another scan's inventory in. Counts of what was checked keep the greater of the two."""
        self.add(other.observations())
        for sensor, count in other.checked.items():
            self.checked[sensor] = max(count, self.checked.get(sensor, 0))

    def observations(self) -> Iterator[Observation]:
        """Everything but the counts, in the order of ids, so that equal inventories read alike."""
        for table in (self.assets, self.relations, self.findings):
            for key in sorted(table):
                yield table[key]
        yield from sorted(self.gaps, key=lambda gap: (gap.outcome, gap.target, gap.sensor, gap.reason))

    def errors(self) -> list[Coverage]:
        """What failed, in reading order."""
        failed = (gap for gap in self.gaps if gap.outcome is Outcome.FAILED)
        return sorted(failed, key=lambda gap: (gap.target, gap.sensor, gap.reason))


def number(observations: Iterable[Observation]) -> list[Observation]:
    """Give equal findings of one subject their ordinals, in reading order.

    A key pasted twice into one file is two findings; their ids must differ, and must not depend on line numbers.
    """
    seen: dict[str, int] = {}
    numbered: list[Observation] = []
    for observation in sorted(observations, key=_reading_order):
        if isinstance(observation, Finding):
            ordinal = seen.get(observation.id, 0)
            seen[observation.id] = ordinal + 1
            numbered.append(replace(observation, ordinal=ordinal) if ordinal else observation)
        else:
            numbered.append(observation)
    return numbered


def _reading_order(observation: Observation) -> tuple[object, ...]:
    if isinstance(observation, Finding):
        return (1, observation.location.sort_key())
    return (0,)


def _fold(table: dict[str, Folded], key: str, value: Folded) -> None:
    known = table.get(key)
    table[key] = value if known is None else known.merged(value)
