"""OCSF 1.6: one Detection Finding event for each finding, for SIEMs and data lakes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO

import msgspec

from bartizan.model.severity import Confidence, Severity
from bartizan.report.document import encode
from bartizan.report.result import Result
from bartizan.report.table import where
from bartizan.triage.ranking import Ranked

VERSION = "1.6.0"
_SEVERITIES = {
    Severity.INFO: (1, "Informational"),
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_CONFIDENCES = {Confidence.TENTATIVE: (1, "Low"), Confidence.FIRM: (2, "Medium"), Confidence.CERTAIN: (3, "High")}


def write(result: Result, stream: BinaryIO) -> None:
    """An array of events, the most urgent first."""
    events = [make_event(result, entry) for entry in result.findings]
    stream.write(msgspec.json.format(encode(events), indent=2))
    stream.write(b"\n")


def make_event(result: Result, entry: Ranked) -> dict[str, Any]:
    """Class 2004 of category 2, activity 1 (create)."""
    found = entry.finding
    severity_id, severity = _SEVERITIES[found.severity]
    confidence_id, confidence = _CONFIDENCES[found.confidence]
    event: dict[str, Any] = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        "time": _milliseconds(result.scan.started),
        "severity_id": severity_id,
        "severity": severity,
        "confidence_id": confidence_id,
        "confidence": confidence,
        "status_id": 3 if entry.accepted else 1,
        "status": "Suppressed" if entry.accepted else "New",
        "risk_score": round(entry.risk.value),
        "message": found.title,
        "metadata": _metadata(result, entry),
        "finding_info": _information(result, entry),
        "resources": [_resource(entry)],
        "evidences": [_evidence(piece) for piece in found.evidence],
        "unmapped": {"location": found.location.as_dict(), "frameworks": list(found.frameworks)},
    }
    if not found.evidence:
        del event["evidences"]
    if entry.accepted:
        event["comment"] = entry.accepted.reason
    if found.remediation:
        event["remediation"] = {"desc": found.remediation}
    if found.rule.startswith("vuln/"):
        event["vulnerabilities"] = [_vulnerability(entry, severity)]
    return event


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _metadata(result: Result, entry: Ranked) -> dict[str, Any]:
    return {
        "version": VERSION,
        "uid": entry.id,
        "correlation_uid": result.scan.id,
        "product": {"name": "Bartizan", "vendor_name": "Bartizan", "version": result.scan.version},
    }


def _information(result: Result, entry: Ranked) -> dict[str, Any]:
    found, rule = entry.finding, result.rules.get(entry.finding.rule)
    summary = found.evidence[0].summary if found.evidence else found.title
    information: dict[str, Any] = {
        "uid": entry.id,
        "title": found.title,
        "desc": f"{summary} ({where(entry)})",
        "types": [found.rule.partition("/")[0]],
        "analytic": {"uid": found.rule, "name": rule.title if rule else found.title, "type_id": 1, "type": "Rule"},
        "created_time": _milliseconds(result.scan.started),
    }
    links = [link for link in found.references if "://" in link]
    return {**information, "src_url": links[0]} if links else information


def _resource(entry: Ranked) -> dict[str, Any]:
    asset = entry.asset
    if asset is None:
        return {"uid": entry.finding.asset}
    return {"uid": entry.finding.asset, "name": asset.name, "type": asset.kind.value, "data": dict(asset.properties)}


def _evidence(piece: Any) -> dict[str, Any]:
    data = {"kind": piece.kind, "summary": piece.summary, "detail": piece.detail}
    return {"data": {name: value for name, value in data.items() if value}}


def _vulnerability(entry: Ranked, severity: str) -> dict[str, Any]:
    found = entry.finding
    known = found.rule.partition("/")[2]
    described: dict[str, Any] = {"title": found.title, "severity": severity}
    if known.startswith("CVE-"):
        described["cve"] = {"uid": known}
    else:
        described["advisory"] = {"uid": known}
    links = [link for link in found.references if "://" in link]
    return {**described, "references": links} if links else described
