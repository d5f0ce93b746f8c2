"""What the owner of a text has accepted: by a comment beside it, or by its fingerprint."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMMENT = re.compile(rb"bartizan:\s*accept(?:[ =:]+([\w/.-]+))?", re.IGNORECASE)


class Acceptances:
    """Fingerprints accepted for the whole scan, and the comments that accept one line."""

    def __init__(self, fingerprints: Iterable[str] = ()) -> None:
        self._fingerprints = frozenset(fingerprints)

    def covers(self, mark: str, rule: str, lines: bytes) -> bool:
        """Whether a value with this fingerprint, on or below these lines, is accepted.

        `bartizan: accept` on the value's line or the one above accepts whatever stands there; followed by a rule's id
        or a fingerprint, only that.
        """
        if mark in self._fingerprints:
            return True
        for match in _COMMENT.finditer(lines):
            named = (match.group(1) or b"").decode()
            if not named or named in (mark, rule) or not _is_mark(named):
                return True
        return False


def _is_mark(word: str) -> bool:
    """Whether the word after `accept` names a fingerprint or a rule; anything else begins the reason."""
    return "/" in word or re.fullmatch(r"[0-9a-f]{16}", word) is not None
