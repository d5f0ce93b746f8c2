"""Every error a person may meet, with its exit code.

::

    BartizanError
     ├─ UsageError        2  the request was wrong
     │   ├─ RuleError     2  a rule, case or pack is malformed
     │   ├─ StoreError    2  the store cannot be opened or is of another version
     │   └─ OutputError   2  what was asked for cannot be written
     ├─ SourceError       3  something named could not be read; the rest goes on
     │   └─ LimitError    3  a limit on size, depth, number or time was reached
     ├─ NetworkError      3  a conversation failed: refused, reset, timed out, garbled
     └─ ScopeError        4  outside the written authorisation
"""

from __future__ import annotations


class BartizanError(Exception):
    """An expected error: one clear line, and what to do about it where that is known."""

    exit_code = 3

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}: {self.hint}" if self.hint else self.what


class UsageError(BartizanError):
    """The request was wrong; nothing was done."""

    exit_code = 2


class RuleError(UsageError):
    """Detection content that cannot be used; `what` begins with file and line."""


class StoreError(UsageError):
    """The store cannot be opened, or belongs to another version."""


class OutputError(UsageError):
    """What was asked for cannot be written where it was asked for."""


class SourceError(BartizanError):
    """Something could not be read; it is reported and the rest of the scan goes on."""


class LimitError(SourceError):
    """A limit on size, depth, number or time was reached; what was read before it counts."""


class NetworkError(BartizanError):
    """A conversation failed: refused, reset, timed out or garbled."""


class ScopeError(BartizanError):
    """The written authorisation does not cover this."""

    exit_code = 4
