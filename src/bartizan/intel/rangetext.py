"""Reads ranges as people write them: `>=1.0,<1.2 || ==2.0`."""

from __future__ import annotations

import re

from bartizan.intel.version import read_version

_COMMIT = re.compile(r"(?:git\s+)?(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}")
_PART = re.compile(r"(>=|<=|==|!=|>|<|=)\s*(.+)")


def read_range(
    text: str, scheme: str, same: tuple[str, ...] = (), dated: bool = False
) -> tuple[tuple[tuple[str, ...], ...], str]:
    """Spans and what is unclear: `||` parts alternatives, a comma joins constraints, parentheses only group.

    An alternative with a bound that the scheme cannot order (a commit, another package's name, `latest`, a date
    where releases are not dated) or without any upper bound is left out and named in the second value.
    """
    spans: list[tuple[str, ...]] = []
    unclear = ""
    for alternative in text.split("||"):
        parts = [part.strip() for part in alternative.strip().strip("()").split(",") if part.strip()]
        read = [_constraint(part, scheme, same, dated) for part in parts]
        complaint = next((what for _, what in read if what), "")
        span = tuple(constraint for constraint, _ in read)
        if not complaint and not any(constraint[0] in "<=" for constraint in span):
            complaint = "the advisory names no last affected release"
        if complaint:
            unclear = unclear or complaint
        else:
            spans.append(span)
    return tuple(spans), unclear


def _constraint(part: str, scheme: str, same: tuple[str, ...], dated: bool) -> tuple[str, str]:
    match = _PART.fullmatch(part)
    if not match:
        return part, "the advisory gives no range"
    sign, bound = match.groups()
    if _COMMIT.fullmatch(bound):
        return part, "the advisory counts by commits"
    reading = read_version(bound, scheme, same)
    if reading is None:
        return part, "the advisory's range cannot be read"
    if not dated and reading.first >= 2000:
        return part, "the advisory counts by dates"
    return ("==" if sign == "=" else sign) + bound, ""
