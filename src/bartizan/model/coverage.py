"""What was looked at, what was not, and why. Silence means looked and clean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of one target for one sensor."""

    CHECKED = "checked"
    SKIPPED = "skipped"
    FAILED = "failed"
    OUT_OF_SCOPE = "out-of-scope"


@dataclass(frozen=True, slots=True)
class Coverage:
    """One statement about what was, or was not, looked at.

    `target` is the place as a person reads it; `sensor` is empty when it concerns all of them. Only FAILED
    enters `errors` and the exit code. CHECKED is counted, the others are listed.
    """

    outcome: Outcome
    target: str
    reason: str = ""
    sensor: str = ""
