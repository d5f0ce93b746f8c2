"""What a source is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bartizan.model.coverage import Coverage
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target


@dataclass(frozen=True, slots=True)
class Batch:
    """A unit of work: small to send, opened by the worker that gets it.

    `source` is a name of `sources.registry`; `items` is whatever that source wrote down for itself when it listed
    the target (plain, picklable values).
    """

    source: str
    target: Target
    items: tuple[Any, ...]


class Source(Protocol):
    """Lists a target in the planning process, and opens what it listed in a worker."""

    def __init__(self, settings: Settings, guard: Guard) -> None: ...

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """Cut the target into batches, lazily and cheaply: nothing is read that a worker could read."""

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """Open the batch. A subject is valid until the next one is asked for. Coverage says what could not be
        opened, or was left out, and why; this never raises for what it meets.
        """

    # A source whose subjects mostly wait for answers may have `at_once`: how many the sensors look at side by side
    # (they stay valid then), and `done(subject)`, which is told when they have, and hands on what came of it.
