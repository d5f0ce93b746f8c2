"""Reads advisories in the OSV schema, as OSV and GitHub's advisory database publish them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bartizan.intel.advisory import Advisory, Affected
from bartizan.intel.cvss import base_score

ECOSYSTEMS = {
    "PyPI": "pypi",
    "npm": "npm",
    "Go": "golang",
    "crates.io": "cargo",
    "NuGet": "nuget",
    "Maven": "maven",
}
"""Ecosystem names of the OSV schema and the types of package URLs."""
_SEPARATORS = re.compile(r"[-_.]+")
MAX_ENTRIES, MAX_VERSIONS = 500, 20_000


def is_osv(record: Any) -> bool:
    """Whether a JSON value looks like an OSV record."""
    return isinstance(record, dict) and isinstance(record.get("id"), str) and "affected" in record


def read_osv(record: dict[str, Any]) -> Advisory | None:
    """One record; None when it was withdrawn or names no package of an ecosystem known here."""
    if record.get("withdrawn"):
        return None
    identity, aliases = _identity(record)
    entries = tuple(_entries(record))
    if not entries:
        return None
    details = _table(record.get("database_specific"))
    vector = _vector(record.get("severity"))
    return Advisory(
        id=identity,
        aliases=aliases,
        affected=entries,
        summary=" ".join(str(record.get("summary") or "").split())[:200],
        cvss=vector,
        score=base_score(vector),
        word=str(details.get("severity") or "").lower(),
        cwe=tuple(item for item in _list(details.get("cwe_ids")) if isinstance(item, str))[:10],
        published=str(record.get("published") or "")[:10],
        malicious=identity.startswith("MAL-"),
        source="osv",
    )


def _identity(record: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The CVE number where there is exactly one, else the record's own id; the others are aliases."""
    names = {str(record["id"])[:60], *(name[:60] for name in _list(record.get("aliases")) if isinstance(name, str))}
    numbers = sorted(name for name in names if name.startswith("CVE-"))
    identity = numbers[0] if len(numbers) == 1 and not str(record["id"]).startswith("MAL-") else str(record["id"])[:60]
    return identity, tuple(sorted(names - {identity}))


def _entries(record: dict[str, Any]) -> Iterator[Affected]:
    for entry in _list(record.get("affected"))[:MAX_ENTRIES]:
        package = _table(_table(entry).get("package"))
        ecosystem = ECOSYSTEMS.get(str(package.get("ecosystem") or "").partition(":")[0])
        name = package.get("name")
        if ecosystem is None or not isinstance(name, str) or not name:
            continue
        spans: list[tuple[str, ...]] = []
        unclear = ""
        for span in _list(entry.get("ranges")):
            if _table(span).get("type") == "GIT":
                unclear = "the advisory counts by commits"
            else:
                spans += _spans(_list(_table(span).get("events")))
        versions = tuple(item for item in _list(entry.get("versions"))[:MAX_VERSIONS] if isinstance(item, str))
        spans = [_bounded(span, _table(entry.get("database_specific"))) for span in spans]
        fixed = [part[1:] for span in spans for part in span if part[0] == "<" and part[1] != "="]
        yield Affected(
            identity=f"{ecosystem}:{normal(ecosystem, name)}",
            # The list of versions is exact where it is given; ranges then only repeat it (OSV schema, `affected`).
            spans=() if versions and ecosystem == "pypi" else tuple(spans),
            versions=versions,
            fixed=fixed[-1] if fixed else "",
            unclear=unclear if not spans and not versions else "",
        )


def _spans(events: list[Any]) -> list[tuple[str, ...]]:
    """Events in their order: each `introduced` opens a span that the next `fixed` or `last_affected` closes."""
    spans: list[tuple[str, ...]] = []
    start = ""
    for event in (_table(event) for event in events):
        if isinstance(event.get("introduced"), str):
            start = event["introduced"]
            spans.append((f">={start}",))
        for name, sign in (("fixed", "<"), ("limit", "<"), ("last_affected", "<=")):
            if isinstance(event.get(name), str) and spans and event[name] != "*":
                spans[-1] = (spans[-1][0], f"{sign}{event[name]}")
    return spans


def _bounded(span: tuple[str, ...], details: dict[str, Any]) -> tuple[str, ...]:
    """GitHub writes the last affected release beside the events of some records instead of into them."""
    bound = details.get("last_known_affected_version_range")
    if len(span) == 1 and isinstance(bound, str) and re.fullmatch(r"<=? ?\S{1,60}", bound):
        return (*span, bound.replace(" ", ""))
    return span


def normal(ecosystem: str, name: str) -> str:
    """The name as its ecosystem compares it."""
    if ecosystem == "pypi":
        return _SEPARATORS.sub("-", name).lower()
    if ecosystem == "maven":
        return name.replace(":", "/", 1)
    return name.lower() if ecosystem in {"golang", "nuget"} else name


def _vector(severities: Any) -> str:
    found = {item.get("type"): item.get("score") for item in _list(severities) if isinstance(item, dict)}
    vector = found.get("CVSS_V3") or found.get("CVSS_V4") or ""
    return vector[:200] if isinstance(vector, str) else ""


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
