"""What is piped in: `-` as a target."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target
from bartizan.sources.archive import is_archive, members
from bartizan.sources.format import sniff
from bartizan.sources.source import Batch

_LIMIT = 256 << 20
NAME = "stdin"


class Stdin:
    """Reads standard input once, in the planning process: workers have none."""

    def __init__(self, settings: Settings, guard: Guard) -> None:
        self.settings = settings

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """All of it as one batch; what goes beyond the limit is said and left unread."""
        data = sys.stdin.buffer.read(_LIMIT + 1)
        if len(data) > _LIMIT:
            yield Coverage(Outcome.FAILED, NAME, f"larger than {_LIMIT >> 20} MB; the rest is unread")
        yield Batch("stdin", target, (data[:_LIMIT],))

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """The bytes as a blob, an archive followed by its members."""
        data = batch.items[0]
        blob = Blob(Location(path=NAME, target=batch.target.label or None), data, sniff(NAME, data))
        yield blob
        if is_archive(blob.format):
            yield from members(blob, folders=True)
