"""CycloneDX 1.6: the inventory as an AI bill of materials."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.severity import Severity
from bartizan.report.document import encode
from bartizan.report.result import Result
from bartizan.report.table import where
from bartizan.report.wording import encodable, several_lines
from bartizan.triage.ranking import Ranked

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:bartizan:cyclonedx")
_TYPES = {
    AssetKind.MODEL_FILE: "machine-learning-model",
    AssetKind.DATASET: "data",
    AssetKind.PACKAGE: "library",
    AssetKind.CREDENTIAL: "cryptographic-asset",
    AssetKind.HOST: "device",
    AssetKind.ARTIFACT: "file",
    AssetKind.AGENT_SKILL: "file",
    AssetKind.WORKLOAD: "container",
}
"""What else there is is an `application`, unless it listens: then it is a service."""
_SERVICES = (AssetKind.AI_SERVICE, AssetKind.MCP_SERVER, AssetKind.DATASTORE)
_AUTHENTICATED = {"login": True, "token": True, "open": False, "unclaimed": False}
_CARD = {
    "task": ("task",),
    "architectureFamily": ("family", "model_type"),
    "modelArchitecture": ("architecture",),
}
"""Fields of a model card, each with the properties that may tell it."""
_CVSS = re.compile(r"CVSS (\d{1,2}\.\d)(?: (CVSS:(\d)\.(\d)/[A-Za-z:/]+|AV:[A-Za-z:/]+))?")


def write(result: Result, stream: BinaryIO) -> None:
    """The bill: models, data, packages and services, what depends on what, and what is wrong with them."""
    stream.write(msgspec.json.format(encode(make_bom(result)), indent=2))
    stream.write(b"\n")


def make_bom(result: Result) -> dict[str, Any]:
    """Each finding stands once: one of `vuln/…` under `vulnerabilities`, any other under `annotations`."""
    scan, assets = result.scan, sorted(result.inventory.assets.items())
    tool = {"type": "application", "name": "bartizan", "version": scan.version, "bom-ref": "bartizan"}
    subject = {"type": "application", "name": ", ".join(scan.targets) or "targets", "bom-ref": "targets"}
    vulnerable = [entry for entry in result.findings if entry.finding.rule.startswith("vuln/")]
    others = [entry for entry in result.findings if not entry.finding.rule.startswith("vuln/")]
    timestamp = f"{scan.started:%Y-%m-%dT%H:%M:%SZ}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, scan.id)}",
        "version": 1,
        "metadata": {"timestamp": timestamp, "tools": {"components": [tool]}, "component": subject},
        "components": [_component(key, asset) for key, asset in assets if not _is_service(asset)],
        "services": [_service(key, asset) for key, asset in assets if _is_service(asset)],
        "dependencies": list(_dependencies(result)),
        "vulnerabilities": [_vulnerability(entry) for entry in vulnerable],
        "annotations": [_annotation(entry, timestamp) for entry in others],
    }


def _is_service(asset: Asset) -> bool:
    return asset.kind in _SERVICES and (asset.location.host is not None or asset.location.url is not None)


def _component(key: str, asset: Asset) -> dict[str, Any]:
    known = asset.properties
    made: dict[str, Any] = {"type": _TYPES.get(asset.kind, "application"), "bom-ref": key, "name": asset.name or key}
    if known.get("version"):
        made["version"] = str(known["version"])
    if isinstance(known.get("purl"), str):
        made["purl"] = known["purl"]
    digest = known.get("sha256")
    if isinstance(digest, str) and re.fullmatch("[0-9a-fA-F]{64}", digest):
        made["hashes"] = [{"alg": "SHA-256", "content": digest}]
    if isinstance(known.get("license"), str) and known["license"]:
        made["licenses"] = [{"license": {"name": known["license"]}}]
    if asset.kind is AssetKind.MODEL_FILE:
        made["modelCard"] = _model_card(asset)
    elif asset.kind is AssetKind.DATASET:
        made["data"] = [{"type": "dataset", "name": asset.name or key}]
    elif asset.kind is AssetKind.CREDENTIAL:
        made["cryptoProperties"] = {
            "assetType": "related-crypto-material",
            "relatedCryptoMaterialProperties": {"type": "credential"},
        }
    made["evidence"] = {"occurrences": [{"location": str(place)} for place in asset.places() if str(place)]}
    return {**made, "properties": _properties(asset)}


def _model_card(asset: Asset) -> dict[str, Any]:
    """What the file itself told; a part that is not known is left out."""
    known = asset.properties
    parameters: dict[str, Any] = {}
    for name, sources in _CARD.items():
        told = next((known[source] for source in sources if isinstance(known.get(source), str) and known[source]), "")
        if told:
            parameters[name] = told
    card: dict[str, Any] = {"modelParameters": parameters} if parameters else {}
    if isinstance(known.get("format"), str):
        card["properties"] = [{"name": "bartizan:format", "value": known["format"]}]
    return card


def _service(key: str, asset: Asset) -> dict[str, Any]:
    known, place = asset.properties, asset.location
    made: dict[str, Any] = {"bom-ref": key, "name": str(known.get("product") or asset.name or key)}
    if known.get("version") and known.get("version_of", known.get("product")) == known.get("product"):
        made["version"] = str(known["version"])
    made["endpoints"] = [place.url or f"tcp://{place}"]
    if known.get("access") in _AUTHENTICATED:
        made["authenticated"] = _AUTHENTICATED[known["access"]]
    return {**made, "properties": _properties(asset)}


def _properties(asset: Asset) -> list[dict[str, str]]:
    """Plain values only; a credential shows neither value nor fingerprint."""
    hidden = ("fingerprint",) if asset.kind is AssetKind.CREDENTIAL else ()
    pairs = [("kind", asset.kind.value)]
    pairs += [
        (name, str(value)) for name, value in sorted(asset.properties.items()) if isinstance(value, str | int | float)
    ]
    return [{"name": f"bartizan:{name}", "value": value} for name, value in pairs if name not in hidden]


def _dependencies(result: Result) -> Iterator[dict[str, Any]]:
    """`source` depends on `target`, whatever the kind of relation, where both are in the bill."""
    edges: dict[str, set[str]] = {}
    assets = result.inventory.assets
    for edge in result.inventory.relations.values():
        if edge.source in assets and edge.target in assets and edge.source != edge.target:
            edges.setdefault(edge.source, set()).add(edge.target)
    yield {"ref": "targets", "dependsOn": sorted(assets)}
    for source in sorted(edges):
        yield {"ref": source, "dependsOn": sorted(edges[source])}


def _vulnerability(entry: Ranked) -> dict[str, Any]:
    found = entry.finding
    known = found.rule.partition("/")[2]
    links = [link for link in found.references if link.startswith("https://")]
    others = [name for name in found.references if name != known and "://" not in name]
    made: dict[str, Any] = {
        "bom-ref": entry.id,
        "id": known,
        "ratings": [_rating(entry)],
        "cwes": [int(name[4:]) for name in found.frameworks if re.fullmatch(r"CWE-\d{1,6}", name)],
        "description": several_lines("\n".join(piece.summary for piece in found.evidence) or found.title),
        "recommendation": found.remediation,
        "advisories": [{"url": link} for link in links],
        "references": [{"id": name, "source": {"name": name.partition("-")[0]}} for name in dict.fromkeys(others)],
        "affects": [{"ref": found.asset}],
        "properties": _standing(entry),
    }
    if entry.accepted:
        made["analysis"] = {"response": ["will_not_fix"], "detail": entry.accepted.reason}
    return made


def _rating(entry: Ranked) -> dict[str, Any]:
    rating: dict[str, Any] = {"severity": entry.finding.severity.value}
    for piece in entry.finding.evidence:
        if match := _CVSS.search(piece.detail):
            rating["score"] = float(match[1])
            methods = {("3", "1"): "CVSSv31", ("3", "0"): "CVSSv3", ("4", "0"): "CVSSv4"}
            if match[2]:
                rating |= {"method": methods.get((match[3], match[4]), "CVSSv2"), "vector": match[2]}
            break
    return rating


def _standing(entry: Ranked) -> list[dict[str, str]]:
    pairs = [
        ("rule", entry.finding.rule),
        ("confidence", entry.finding.confidence.value),
        ("risk", str(entry.risk.value)),
    ]
    pairs += [("status", entry.status)] if entry.status else []
    return [{"name": f"bartizan:{name}", "value": value} for name, value in pairs]


def _annotation(entry: Ranked, timestamp: str) -> dict[str, Any]:
    """A weakness that is no published vulnerability."""
    found = entry.finding
    severity = "" if found.severity is Severity.INFO else f" ({found.severity}, {found.confidence})"
    lines = [f"{found.rule}{severity}: {found.title}", f"where: {where(entry)}"]
    lines += [f"evidence: {piece.summary}" for piece in found.evidence if piece.summary]
    lines += [f"accepted: {entry.accepted.reason}"] if entry.accepted else []
    lines += [f"fix: {found.remediation}"] if found.remediation else []
    return {
        "bom-ref": entry.id,
        "subjects": [found.asset],
        "annotator": {"component": {"type": "application", "name": "bartizan"}},
        "timestamp": timestamp,
        "text": encodable("\n".join(lines)),
    }
