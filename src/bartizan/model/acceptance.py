"""A finding that somebody decided to live with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Who accepts which finding, why, and until when (to the end of that day in UTC; None: for good)."""

    finding: str
    reason: str
    by: str = ""
    until: date | None = None
    made: datetime = field(default_factory=lambda: datetime.now(UTC))

    def holds(self, day: date) -> bool:
        """Whether it still counts on that day."""
        return self.until is None or day <= self.until
