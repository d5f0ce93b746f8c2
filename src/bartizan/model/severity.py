"""How bad, and how sure."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How much it hurts when true. Medium and above asks for action; `info` is an inventory fact."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info to 4 for critical."""
        return _SEVERITIES.index(self)

    def at_least(self, other: Severity) -> bool:
        """True when this is as bad as `other` or worse."""
        return self.rank >= other.rank


class Confidence(StrEnum):
    """How sure the evidence makes us."""

    TENTATIVE = "tentative"
    FIRM = "firm"
    CERTAIN = "certain"

    @property
    def rank(self) -> int:
        """0 for tentative to 2 for certain."""
        return _CONFIDENCES.index(self)


_SEVERITIES = tuple(Severity)
_CONFIDENCES = tuple(Confidence)
