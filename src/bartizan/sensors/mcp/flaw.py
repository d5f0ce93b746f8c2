"""What a check of a configuration says, before it becomes a finding."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.document import Keys
from bartizan.model.severity import Confidence, Severity


@dataclass(frozen=True, slots=True)
class Flaw:
    """One weakness at the value that `way` leads to. What is empty is taken from the rule `mcp/<rule>`."""

    rule: str
    way: Keys
    summary: str
    severity: Severity | None = None
    confidence: Confidence | None = None
    detail: str = ""
    remediation: str = ""
    proof: str = ""
    """What tells it from its like, where the summary changes with wording (for example a fingerprint)."""
