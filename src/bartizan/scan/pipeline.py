"""The one flow: batches to workers, observations to the inventory and the store, correlation at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from bartizan.correlate.registry import CORRELATORS
from bartizan.engine.engine import Engine
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.inventory import Inventory
from bartizan.model.observation import Observation
from bartizan.rules.library import Library
from bartizan.scan.order import Job
from bartizan.scan.parcel import unpack
from bartizan.scan.plan import Plan
from bartizan.scan.worker import load
from bartizan.scope.ledger import Ledger
from bartizan.sources.files import MAP_FROM
from bartizan.sources.source import Batch


class Recorder(Protocol):
    """Where observations go as they come; the store's side of it."""

    def record(self, observations: list[Observation]) -> None:
        """Keep them, durably, before returning."""

    def asset(self, key: str) -> Any:
        """What was known of an asset before this scan."""


@dataclass(slots=True)
class Progress:
    """Counts for whoever draws them."""

    batches: int = 0
    subjects: int = 0
    size: int = 0
    findings: int = 0
    what: str = ""


@dataclass(slots=True)
class Run:
    """One scan under way, and what it has so far."""

    plan: Plan
    engine: Engine[Job, bytes]
    recorder: Recorder
    ledger: Ledger
    on_progress: Callable[[Progress], None] = lambda _: None
    inventory: Inventory = field(default_factory=Inventory)
    progress: Progress = field(default_factory=Progress)
    cpu_seconds: float = 0.0
    requests: int = 0
    interrupted: bool = False

    def execute(self) -> None:
        """Work through the plan. After Ctrl-C what was found so far stands, and `interrupted` is set."""
        start = time.process_time()
        self._keep(list(self.plan.gaps))
        try:
            for job, outcome in self.engine.results(self._jobs(), deadly=_maps):
                self._take(job, outcome)
            self._correlate()
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            self.engine.close(now=self.interrupted)
            self.cpu_seconds += time.process_time() - start

    def _jobs(self) -> Iterator[Job]:
        for batch in self.plan.batches():
            if isinstance(batch, Batch):
                yield Job(self.plan.order, batch)
            else:
                self._keep([batch])

    def _take(self, job: Job, outcome: bytes | BaseException) -> None:
        self.progress.batches += 1
        if isinstance(outcome, BaseException):
            self._keep([Coverage(Outcome.FAILED, job.batch.target.text, _reason(outcome))])
            return
        done = unpack(outcome)
        authorisation = self.plan.order.authorisation
        self.ledger.record(done.touches, authorisation.digest if authorisation else "")
        self._keep(done.observations)
        for sensor, count in done.checked.items():
            self.inventory.checked[sensor] = self.inventory.checked.get(sensor, 0) + count
        self.requests += sum(touch.count for touch in done.touches)
        self.progress.subjects += done.subjects
        self.progress.size += done.size
        self.progress.findings = len(self.inventory.findings)
        self.progress.what = job.batch.target.text
        self.on_progress(self.progress)

    def _correlate(self) -> None:
        if not self.inventory.assets:
            return
        names = [name for name in CORRELATORS if name in self.plan.order.sensors]
        library = Library(self.plan.order.settings.packs) if names else None
        for name in names:
            self._keep(list(load(CORRELATORS[name])(self.inventory, self.recorder, library)))

    def _keep(self, observations: list[Observation]) -> None:
        if observations:
            self.inventory.add(observations)
            self.recorder.record(observations)


def _maps(job: Job) -> bool:
    """Whether the job maps a file into memory: where such a file shrinks meanwhile, the system kills the reader."""
    if job.batch.source != "files":
        return False
    path = job.batch.target.path
    root = path if os.path.isdir(path) else os.path.dirname(path)
    names = (os.path.join(root, chunk.folder, name) for chunk in job.batch.items for name in chunk.files)
    for name in names:
        with suppress(OSError):
            if os.stat(name, follow_symlinks=name == path).st_size > MAP_FROM:
                return True
    return False


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
