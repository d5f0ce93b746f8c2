"""Compares release numbers where they are plain; says nothing where they are not."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"v?(\d+(?:\.\d+)*)(.*)", re.DOTALL)


def is_lower(version: str, bound: str) -> bool:
    """Whether a version is certainly lower than the bound: by its numbers; a suffix on equal ones decides nothing."""
    one, two = _PLAIN.fullmatch(version), _PLAIN.fullmatch(bound)
    if one is None or two is None:
        return False
    left, right = ([int(part) for part in match.group(1).split(".")] for match in (one, two))
    width = max(len(left), len(right))
    return left + [0] * (width - len(left)) < right + [0] * (width - len(right))
