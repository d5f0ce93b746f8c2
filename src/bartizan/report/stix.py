"""STIX 2.1: findings as vulnerabilities of infrastructure, with ids that stay the same from scan to scan."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

import msgspec

from bartizan.model.asset import Asset
from bartizan.model.severity import Confidence
from bartizan.report.document import encode
from bartizan.report.result import Result
from bartizan.report.table import where
from bartizan.triage.ranking import Ranked

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:bartizan:stix")
_CONFIDENCES = {Confidence.TENTATIVE: 30, Confidence.FIRM: 70, Confidence.CERTAIN: 95}
"""On STIX's scale of 0 to 100."""
_SINCE = "2026-11-01T00:00:00.000Z"
"""`created` of every object: it must never change for an id, and ours are made of content. `modified` is the scan."""


def write(result: Result, stream: BinaryIO) -> None:
    """One bundle: each finding is one `vulnerability`, each asset with findings one `infrastructure`."""
    bundle = {"type": "bundle", "id": _id("bundle", result.scan.id), "objects": list(make_objects(result))}
    stream.write(msgspec.json.format(encode(bundle), indent=2))
    stream.write(b"\n")


def make_objects(result: Result) -> Iterator[dict[str, Any]]:
    """Our identity, assets, findings and how they hang together."""
    author = _id("identity", "bartizan")
    yield _object("identity", "bartizan", _SINCE, "", name="Bartizan", identity_class="system")
    stamp = _time(result.scan.started)
    concerned = {entry.finding.asset for entry in result.findings}
    for key in sorted(concerned):
        asset = result.inventory.assets.get(key)
        yield _object("infrastructure", key, stamp, author, **_infrastructure(key, asset))
    for entry in result.findings:
        yield _object("vulnerability", entry.id, stamp, author, **_vulnerability(entry))
        ends = (_id("infrastructure", entry.finding.asset), "has", _id("vulnerability", entry.id))
        yield _relationship(ends, stamp, author)
    for edge in sorted(result.inventory.relations.values(), key=lambda edge: edge.id):
        if edge.source in concerned and edge.target in concerned and edge.source != edge.target:
            ends = (_id("infrastructure", edge.source), edge.kind.value, _id("infrastructure", edge.target))
            yield _relationship(ends, stamp, author)


def _infrastructure(key: str, asset: Asset | None) -> dict[str, Any]:
    if asset is None:
        return {"name": key, "infrastructure_types": ["unknown"]}
    described = f"{asset.kind.value} at {asset.location}" if str(asset.location) else asset.kind.value
    return {
        "name": asset.name or key,
        "description": described,
        "infrastructure_types": ["unknown"],
        "labels": [asset.kind.value],
    }


def _vulnerability(entry: Ranked) -> dict[str, Any]:
    found = entry.finding
    known = found.rule.partition("/")[2]
    lines = [f"{found.title} ({found.severity}) at {where(entry)}"]
    lines += [piece.summary for piece in found.evidence if piece.summary]
    lines += [f"Accepted: {entry.accepted.reason}"] if entry.accepted else []
    lines += [f"Fix: {found.remediation}"] if found.remediation else []
    is_cve = found.rule.startswith("vuln/CVE-")
    references = [{"source_name": "bartizan", "external_id": found.rule}]
    references += [{"source_name": "cve", "external_id": known}] if is_cve else []
    references += [{"source_name": "cwe", "external_id": name} for name in found.frameworks if name.startswith("CWE-")]
    references += [
        {"source_name": "mitre-atlas", "external_id": name} for name in found.frameworks if name.startswith("AML.")
    ]
    references += [
        {"source_name": "reference", "url": link} for link in found.references if link.startswith("https://")
    ]
    return {
        "name": known if is_cve else found.rule,
        "description": "\n".join(lines),
        "confidence": _CONFIDENCES[found.confidence],
        "labels": [found.severity.value, *([entry.status] if entry.status else [])],
        "external_references": references,
    }


def _relationship(ends: tuple[str, str, str], stamp: str, author: str) -> dict[str, Any]:
    source, kind, target = ends
    pair = {"relationship_type": kind, "source_ref": source, "target_ref": target}
    return _object("relationship", "|".join(ends), stamp, author, **pair)


def _object(kind: str, key: str, stamp: str, author: str, **more: Any) -> dict[str, Any]:
    moments = {"created": _SINCE, "modified": max(_SINCE, stamp)}
    made = {"type": kind, "spec_version": "2.1", "id": _id(kind, key), **moments}
    return {**made, **({"created_by_ref": author} if author else {}), **more}


def _id(kind: str, key: str) -> str:
    """UUIDv5 in a namespace of ours, as the standard asks of ids that are made of content."""
    return f"{kind}--{uuid.uuid5(NAMESPACE, f'{kind}|{key}')}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
