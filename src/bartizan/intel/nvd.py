"""Reads the National Vulnerability Database's JSON 2.0, the catalogue of exploited vulnerabilities and EPSS scores."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bartizan.intel.advisory import Advisory, Affected, Component
from bartizan.intel.cvss import base_score

_CVE = re.compile(r"CVE-\d{4}-\d{4,7}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Exploitation:
    """What is known of a CVE's use: the day it was listed as exploited, or its EPSS probability and day."""

    id: str
    kev: str = ""
    epss: float = -1.0
    epss_date: str = ""


def is_nvd(value: Any) -> bool:
    """Whether a JSON value looks like an answer of the NVD's API 2.0, or like one record of it."""
    return isinstance(value, dict) and ("cve" in value or _first(value.get("vulnerabilities"), "cve") is not None)


def is_kev(value: Any) -> bool:
    """Whether a JSON value looks like the catalogue of known exploited vulnerabilities."""
    return isinstance(value, dict) and _first(value.get("vulnerabilities"), "cveID") is not None


def _first(items: Any, key: str) -> Any:
    return items[0].get(key) if isinstance(items, list) and items and isinstance(items[0], dict) else None


def read_kev(value: dict[str, Any]) -> Iterator[Exploitation]:
    """The entries of the catalogue."""
    for entry in value["vulnerabilities"]:
        identity, day = (entry.get("cveID"), entry.get("dateAdded")) if isinstance(entry, dict) else (None, None)
        if isinstance(identity, str) and _CVE.fullmatch(identity) and isinstance(day, str) and _DAY.fullmatch(day):
            yield Exploitation(identity, kev=day)


def read_epss(text: str) -> Iterator[Exploitation]:
    """The rows of an EPSS file: a comment with the day, a head line, then `cve,epss,percentile`."""
    day = match.group(0) if (match := _DAY.search(text.partition("\n")[0])) else ""
    for row in csv.reader(line for line in text.splitlines() if not line.startswith("#")):
        if len(row) >= 2 and _CVE.fullmatch(row[0]) and re.fullmatch(r"[01](?:\.\d{1,12})?|\d\.\d+e-\d\d?", row[1]):
            yield Exploitation(row[0], epss=float(row[1]), epss_date=day)


def read_nvd(value: dict[str, Any], components: tuple[Component, ...]) -> Iterator[Advisory]:
    """Records about products known here by their CPE's product name; others are of no use for matching."""
    names = {name.replace("_", "-"): one.slug for one in components for name in (one.slug, *one.names)}
    for item in value.get("vulnerabilities") or [value]:
        cve = item.get("cve") if isinstance(item, dict) else None
        if not isinstance(cve, dict) or not isinstance(cve.get("id"), str) or cve.get("vulnStatus") == "Rejected":
            continue
        entries = tuple(dict.fromkeys(_entries(cve, names)))
        if entries and _CVE.fullmatch(cve["id"]):
            vector, score, word = _metric(cve.get("metrics"))
            yield Advisory(
                id=cve["id"],
                affected=entries,
                cvss=vector,
                score=base_score(vector) if base_score(vector) >= 0 else score,
                word=word,
                cwe=tuple(_weaknesses(cve))[:10],
                published=str(cve.get("published") or "")[:10],
                disputed="disputed" in _list(cve.get("cveTags")),
                source="nvd",
            )


def _entries(cve: dict[str, Any], names: dict[str, str]) -> Iterator[Affected]:
    for match in _matches(cve):
        criteria = match.get("criteria")
        parts = re.split(r"(?<!\\):", criteria) if isinstance(criteria, str) else []
        if len(parts) < 6 or match.get("vulnerable") is not True:
            continue
        slug = names.get(parts[4].replace("\\", "").replace("_", "-"))
        if slug is None:
            continue
        bounds = (
            ("versionStartIncluding", ">="),
            ("versionStartExcluding", ">"),
            ("versionEndIncluding", "<="),
            ("versionEndExcluding", "<"),
        )
        span = tuple(f"{sign}{match[key]}" for key, sign in bounds if isinstance(match.get(key), str))
        version = parts[5].replace("\\", "")
        if not span and version in {"*", "-", ""}:
            yield Affected(identity=f"product:{slug}", unclear="the advisory names no last affected release")
        else:
            fixed = match.get("versionEndExcluding")
            yield Affected(
                identity=f"product:{slug}",
                spans=(span,) if span else ((f"=={version}",),),
                fixed=fixed if isinstance(fixed, str) else "",
            )


def _matches(cve: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for configuration in _list(cve.get("configurations")):
        for node in _list(configuration.get("nodes") if isinstance(configuration, dict) else None):
            if isinstance(node, dict) and not node.get("negate"):
                yield from (match for match in _list(node.get("cpeMatch")) if isinstance(match, dict))


def _metric(metrics: Any) -> tuple[str, float, str]:
    table = metrics if isinstance(metrics, dict) else {}
    for name in ("cvssMetricV31", "cvssMetricV30", "cvssMetricV40"):
        for metric in sorted(_list(table.get(name)), key=lambda one: one.get("type") != "Primary"):
            data = metric.get("cvssData")
            if isinstance(data, dict) and isinstance(data.get("vectorString"), str):
                score = data.get("baseScore")
                word = str(data.get("baseSeverity") or "").lower()
                return data["vectorString"], float(score) if isinstance(score, int | float) else -1.0, word
    return "", -1.0, ""


def _weaknesses(cve: dict[str, Any]) -> Iterator[str]:
    for weakness in _list(cve.get("weaknesses")):
        for text in _list(weakness.get("description") if isinstance(weakness, dict) else None):
            value = text.get("value") if isinstance(text, dict) else None
            if isinstance(value, str) and value.startswith("CWE-"):
                yield value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
