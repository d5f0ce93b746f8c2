"""Targets of a list, line by line: neighbours share batches, so that a million hosts are not a million batches."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.scope.guard import Guard
from bartizan.scope.listing import place, read_list
from bartizan.scope.target import Target, TargetKind
from bartizan.sources.files import CHUNK, Files
from bartizan.sources.network import Network
from bartizan.sources.source import Batch

HOSTS = 1024
"""Hosts and URLs of one batch."""
FLAWS = 1000
"""Lines that are each said to be no target; the others are counted."""


class Listing:
    """Streams a list: hosts become batches of the network source, files batches of its own, the rest is handed on."""

    def __init__(self, settings: Settings, guard: Guard) -> None:
        self.network = Network(settings, guard)
        self.files = Files(settings, guard)

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """Read the list once more; `scope.listing` has checked every line before."""
        shares = _Shares(target)
        labels = _Labels(target.label != "")
        flaws = 0
        for line in read_list(target.path):
            named = line.target
            if named is None:
                flaws += 1
                if flaws <= FLAWS:
                    yield Coverage(Outcome.FAILED, place(target, line.number), line.flaw)
            elif named.kind is TargetKind.PATH:
                labelled = labels.give(named)
                for found in self.files.batches(labelled) if labelled else ():
                    yield from shares.file(found) if _is_small(found) else (found,)
            elif named.kind is TargetKind.NETWORK:
                yield from self.network.batches(named)
            elif named.port is not None or self.network.ports:
                yield from shares.host(named)
        yield from shares.rest()
        if flaws > FLAWS:
            yield Coverage(Outcome.FAILED, target.text, f"{flaws - FLAWS} further lines name no target")

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """The files of several lines."""
        for inner in batch.items:
            yield from self.files.subjects(inner)


class _Labels:
    """Tells equal relative paths apart where a list names several, and passes over a path named again."""

    def __init__(self, needed: bool) -> None:
        self._needed = needed
        self._known: set[int] = set()
        self._taken: Counter[str] = Counter()

    def give(self, target: Target) -> Target | None:
        if hash(target.path) in self._known:
            return None
        self._known.add(hash(target.path))
        if not self._needed:
            return target
        name = os.path.basename(target.path)
        self._taken[name] += 1
        return replace(target, label=name if self._taken[name] == 1 else f"{name}#{self._taken[name]}")


class _Shares:
    """Batches that several lines share. Those of hosts name the first, so that what is said of them can be placed."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._hosts: dict[Target, None] = {}
        self._files: list[Batch] = []

    def host(self, target: Target) -> Iterator[Batch]:
        self._hosts[target] = None
        if len(self._hosts) >= HOSTS:
            yield self._of_hosts()

    def file(self, batch: Batch | Coverage) -> Iterator[Batch]:
        if isinstance(batch, Batch):
            self._files.append(batch)
        if len(self._files) >= CHUNK:
            yield self._of_files()

    def rest(self) -> Iterator[Batch]:
        if self._files:
            yield self._of_files()
        if self._hosts:
            yield self._of_hosts()

    def _of_hosts(self) -> Batch:
        hosts, self._hosts = tuple(self._hosts), {}
        return Batch("network", replace(self._target, text=f"{self._target.text} from {hosts[0].text}"), hosts)

    def _of_files(self) -> Batch:
        files, self._files = tuple(self._files), []
        return Batch("listing", self._target, files)


def _is_small(found: Batch | Coverage) -> bool:
    return isinstance(found, Batch) and found.source == "files" and len(found.items) == 1
