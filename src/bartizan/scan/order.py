"""What a worker must know to do its part."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.scope.authorisation import Authorisation
from bartizan.scope.ledger import Touch
from bartizan.sources.source import Batch


@dataclass(frozen=True, slots=True)
class Order:
    """Travels with every batch: the scope is inside it, so that no worker can act without it."""

    sensors: tuple[str, ...]
    settings: Settings
    authorisation: Authorisation | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A batch and the order it is worked on under."""

    order: Order
    batch: Batch


@dataclass(slots=True)
class Yield:
    """What came of one batch."""

    observations: list[Observation] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    touches: list[Touch] = field(default_factory=list)
    subjects: int = 0
    size: int = 0
    seconds: float = 0.0

    def add(self, other: Yield) -> None:
        """Take in what came of a part of the batch."""
        self.observations.extend(other.observations)
        for sensor, count in other.checked.items():
            self.checked[sensor] = self.checked.get(sensor, 0) + count
        self.touches.extend(other.touches)
        self.subjects += other.subjects
        self.size += other.size
