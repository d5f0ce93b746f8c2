"""One run of the product: what was asked, when, and what became of it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bartizan.model.identity import digest


class Status(StrEnum):
    """Where a scan is. One that was killed stays `running`; what it recorded counts all the same."""

    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"


def fresh_id() -> str:
    """32 hexadecimal characters: 12 of milliseconds since 1970, so that ids sort by time, and 20 of chance."""
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What was asked for and how it went.

    `targets` are as named by the person; `roots` name the same wherever one stands (absolute paths, with the machine
    they are on), and never enter a report. `domains` are those that were looked for in full, or sensors (`domain/name`)
    where it was not all of a domain; empty means everything. `scope` says who authorised it, where an authorisation
    was given: plain JSON values. `stats` are counts and seconds.
    """

    version: str
    targets: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    scope: Mapping[str, Any] | None = None
    id: str = field(default_factory=fresh_id)
    started: datetime = field(default_factory=now)
    finished: datetime | None = None
    status: Status = Status.RUNNING
    stats: Mapping[str, Any] = field(default_factory=dict)

    @property
    def series(self) -> str:
        """Equal for scans of the same targets: the later one tells what became of what the earlier one saw."""
        return digest("series", *sorted(self.roots or self.targets))
