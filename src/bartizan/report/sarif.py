"""SARIF 2.1.0, as code-scanning services read it."""

from __future__ import annotations

from typing import Any, BinaryIO
from urllib.parse import quote

import msgspec

from bartizan.model.location import Location
from bartizan.model.severity import Severity
from bartizan.report.document import encode
from bartizan.report.result import Result
from bartizan.report.wording import encodable, several_lines
from bartizan.triage.ranking import Ranked

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.0",
}
"""`security-severity` as code-scanning services sort by it: their words for 9.0, 7.0, 4.0 and 0.1 are ours."""


def write(result: Result, stream: BinaryIO) -> None:
    """One run with one result for each finding."""
    stream.write(msgspec.json.format(encode(make_log(result)), indent=2))
    stream.write(b"\n")


def make_log(result: Result) -> dict[str, Any]:
    """The log as plain values."""
    rules = sorted({entry.finding.rule for entry in result.findings})
    first = {entry.finding.rule: entry for entry in reversed(result.findings)}
    numbers = {rule: number for number, rule in enumerate(rules)}
    driver = {
        "name": "Bartizan",
        "version": result.scan.version,
        "semanticVersion": result.scan.version,
        "rules": [_rule(result, first[rule]) for rule in rules],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"bartizan/{result.scan.series}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"TARGET": {"description": {"text": "What was scanned: paths are relative to it."}}},
        "invocations": [_invocation(result)],
        "results": [_result(result, entry, numbers[entry.finding.rule]) for entry in result.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(result: Result, entry: Ranked) -> dict[str, Any]:
    """A rule's own words where they are at hand, else those of its first finding."""
    found, rule = entry.finding, result.rules.get(entry.finding.rule)
    title, severity = (rule.title, rule.severity) if rule else (found.title, found.severity)
    why, fix = (rule.why, rule.fix) if rule else ("", found.remediation)
    help_text = "\n\n".join(part for part in (why, fix) if part) or title
    described: dict[str, Any] = {
        "id": found.rule,
        "name": "".join(word.capitalize() for word in found.rule.replace("/", "-").split("-")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": why or title},
        "help": {"text": help_text, "markdown": help_text},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {
            "tags": ["security", *dict.fromkeys(found.frameworks)],
            "security-severity": _SCORES[severity],
            "precision": {"certain": "very-high", "firm": "high", "tentative": "medium"}[found.confidence.value],
        },
    }
    links = [link for link in found.references if link.startswith("https://")]
    return {**described, "helpUri": links[0]} if links else described


def _result(result: Result, entry: Ranked, number: int) -> dict[str, Any]:
    found = entry.finding
    summaries = [piece.summary for piece in found.evidence if piece.summary]
    message = f"{found.title}: {summaries[0]}" if summaries else found.title
    made: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": number,
        "level": _LEVELS[found.severity],
        "kind": "fail",
        "rank": entry.risk.value,
        "message": {"text": several_lines(message)},
        "locations": [_location(found.location, entry)],
        "partialFingerprints": {"bartizan/v1": entry.id},
        "properties": {
            "severity": found.severity.value,
            "confidence": found.confidence.value,
            "asset": found.asset,
            "location": found.location.as_dict(),
            "evidence": [several_lines(f"{piece.summary}\n{piece.detail}".strip()) for piece in found.evidence],
            "remediation": found.remediation,
        },
    }
    related = [p.location for p in found.evidence if p.location and p.location != found.location]
    if related:
        made["relatedLocations"] = [_location(place, entry) for place in related]
    if result.has_baseline:
        made["baselineState"] = "unchanged" if entry.status == "known" else "new"
    made["suppressions"] = []
    if entry.accepted:
        accepted = {"kind": "external", "status": "accepted", "justification": entry.accepted.reason}
        made["suppressions"] = [accepted]
    return made


def _location(place: Location, entry: Ranked) -> dict[str, Any]:
    """A file by its path; anything else by its URL. An archive's member is a logical location inside its file."""
    whole = str(place) or (entry.asset.name if entry.asset else entry.finding.asset)
    physical: dict[str, Any] = {"artifactLocation": _artifact(place, whole)}
    if place.path is not None and place.member is None and place.line is not None:
        physical["region"] = {"startLine": place.line, **({"startColumn": place.column} if place.column else {})}
    elif place.path is not None and place.member is None and place.offset is not None:
        physical["region"] = {"byteOffset": place.offset}
    located: dict[str, Any] = {"physicalLocation": physical}
    if place.path is None or place.member is not None or place.record is not None:
        kind = "member" if place.member is not None else "resource"
        name = place.member or place.record or (entry.asset.name if entry.asset else whole)
        located["logicalLocations"] = [{"fullyQualifiedName": whole, "name": name, "kind": kind}]
    return located


def _artifact(place: Location, whole: str) -> dict[str, Any]:
    if place.path is not None:
        parts = (place.target, place.path) if place.target else (place.path,)
        path = "/".join(parts).lstrip("/")
        return {"uri": quote(path.encode("utf-8", "surrogateescape"), safe="/"), "uriBaseId": "TARGET"}
    if place.url is not None:
        return {"uri": _uri(place.url)}
    if place.host is not None:
        host = f"[{place.host}]" if ":" in place.host else place.host
        return {"uri": _uri(f"tcp://{host}" + (f":{place.port}" if place.port is not None else ""))}
    return {"uri": quote(encodable(whole), safe="/")}


def _uri(text: str) -> str:
    return quote(encodable(text), safe=":/?#[]@!$&'()*+,;=%-._~")


def _invocation(result: Result) -> dict[str, Any]:
    scan = result.scan
    made: dict[str, Any] = {
        "executionSuccessful": scan.status.value != "interrupted",
        "startTimeUtc": _time(scan.started),
    }
    if scan.finished:
        made["endTimeUtc"] = _time(scan.finished)
    errors = result.inventory.errors()
    if errors:
        made["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": several_lines(f"{gap.target}: {gap.reason}")}} for gap in errors
        ]
    return made


def _time(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
