"""The JSON document, `bartizan/1`: what other tools build on. Its types are its schema."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, BinaryIO, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from bartizan.model.asset import AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.location import Location as Place
from bartizan.model.relation import RelationKind
from bartizan.model.severity import Confidence, Severity
from bartizan.report.result import Result
from bartizan.report.wording import encodable
from bartizan.triage.ranking import Ranked

Id = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", description="Made of content: equal for the same thing seen again.")]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9-]+/\S+$", description="domain/bad-thing")]
Score = Annotated[float, Meta(ge=0, le=100)]
Natural = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]


class Location(Struct, kw_only=True):
    """Where something is, by whatever applies of its parts; paths are relative to the target."""

    path: str | UnsetType = UNSET
    member: str | UnsetType = UNSET
    line: Natural | UnsetType = UNSET
    column: Natural | UnsetType = UNSET
    offset: Count | UnsetType = UNSET
    commit: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    host: str | UnsetType = UNSET
    port: Annotated[int, Meta(ge=0, le=65535)] | UnsetType = UNSET
    record: str | UnsetType = UNSET
    target: str | UnsetType = UNSET


class Evidence(Struct, kw_only=True):
    """What proves a finding, without any secret's value."""

    kind: str
    summary: str
    detail: str
    location: Location | UnsetType = UNSET


class ScanInfo(Struct, kw_only=True):
    """The run that this document tells of."""

    id: Id
    started: datetime
    finished: datetime | None
    version: str
    targets: list[str]
    scope: dict[str, Any] | None


class Asset(Struct, kw_only=True):
    """Something that is there."""

    id: Id
    kind: AssetKind
    name: str
    properties: dict[str, Any]
    location: Location
    locations: list[Location] | UnsetType = UNSET
    """All its places, `location` first, where there are several."""


class Relation(Struct, kw_only=True):
    """Read as `source kind target`."""

    id: Id
    kind: RelationKind
    source: Id
    target: Id


class Finding(Struct, kw_only=True):
    """One weakness at one place; the most urgent come first."""

    id: Id
    rule: Slug
    title: str
    severity: Severity
    confidence: Confidence
    asset: Id
    location: Location
    evidence: list[Evidence]
    risk: Score
    frameworks: list[str]
    references: list[str]
    remediation: str


class Step(Struct, kw_only=True):
    """One hop: the asset reached, by which relation and which finding."""

    asset: Id
    relation: str
    finding: str
    text: str


class Path(Struct, kw_only=True):
    """A way an attacker can go."""

    id: Id
    title: str
    risk: Score
    steps: list[Step]


class Gap(Struct, kw_only=True):
    """Something that was not looked at, and why; without a sensor it concerns all of them."""

    target: str
    reason: str
    sensor: str


class CoverageInfo(Struct, kw_only=True, rename={"out_of_scope": "out-of-scope"}):
    """How many subjects each sensor looked at, and what was left out."""

    checked: dict[str, Count]
    skipped: list[Gap]
    out_of_scope: list[Gap]


class Error(Struct, kw_only=True):
    """Something that could not be looked at although it should have been."""

    target: str
    what: str


class Document(Struct, kw_only=True):
    """The result of a scan, or the state of a store."""

    schema: Literal["bartizan/1"]
    scan: ScanInfo
    assets: list[Asset]
    relations: list[Relation]
    findings: list[Finding]
    paths: list[Path]
    coverage: CoverageInfo
    errors: list[Error]
    stats: dict[str, Any]


def make_document(result: Result) -> Document:
    """The document of a result: assets and relations by id, findings and paths by risk."""
    inventory, scan = result.inventory, result.scan
    gaps = sorted(inventory.gaps, key=lambda gap: (gap.target, gap.sensor, gap.reason))
    return Document(
        schema="bartizan/1",
        scan=ScanInfo(
            id=scan.id,
            started=scan.started,
            finished=scan.finished,
            version=scan.version,
            targets=list(scan.targets),
            scope=None if scan.scope is None else dict(scan.scope),
        ),
        assets=[
            Asset(
                id=key,
                kind=kept.kind,
                name=kept.name,
                properties=dict(kept.properties),
                location=place(kept.location),
                locations=[place(each) for each in kept.places()] if kept.elsewhere else UNSET,
            )
            for key, kept in sorted(inventory.assets.items())
        ],
        relations=[
            Relation(id=key, kind=edge.kind, source=edge.source, target=edge.target)
            for key, edge in sorted(inventory.relations.items())
        ],
        findings=[make_finding(entry) for entry in result.findings],
        paths=[
            Path(
                id=way.id,
                title=way.title,
                risk=way.risk,
                steps=[Step(asset=s.asset, relation=s.relation, finding=s.finding, text=s.text) for s in way.steps],
            )
            for way in result.paths
        ],
        coverage=CoverageInfo(
            checked=dict(sorted(inventory.checked.items())),
            skipped=[_gap(gap) for gap in gaps if gap.outcome is Outcome.SKIPPED],
            out_of_scope=[_gap(gap) for gap in gaps if gap.outcome is Outcome.OUT_OF_SCOPE],
        ),
        errors=[Error(target=gap.target, what=_what(gap)) for gap in inventory.errors()],
        stats={**scan.stats, **_standing(result)},
    )


def make_finding(entry: Ranked) -> Finding:
    """One entry of the ranked list."""
    found = entry.finding
    return Finding(
        id=entry.id,
        rule=found.rule,
        title=found.title,
        severity=found.severity,
        confidence=found.confidence,
        asset=found.asset,
        location=place(found.location),
        evidence=[
            Evidence(
                kind=piece.kind,
                summary=piece.summary,
                detail=piece.detail,
                location=UNSET if piece.location is None else place(piece.location),
            )
            for piece in found.evidence
        ],
        risk=entry.risk.value,
        frameworks=list(found.frameworks),
        references=list(found.references),
        remediation=found.remediation,
    )


def place(location: Place) -> Location:
    """The parts that are set."""
    return Location(**location.as_dict())  # type: ignore[arg-type]


def _gap(gap: Coverage) -> Gap:
    return Gap(target=gap.target, reason=gap.reason, sensor=gap.sensor)


def _what(gap: Coverage) -> str:
    return f"{gap.sensor}: {gap.reason}" if gap.sensor else gap.reason


def _standing(result: Result) -> dict[str, Any]:
    """What is said of findings by baseline and acceptances; absent where there are none."""
    standing: dict[str, Any] = {}
    if result.has_baseline:
        status = {name: sorted(e.id for e in result.findings if e.status == name) for name in ("new", "known")}
        standing["baseline"] = {**status, "fixed": [known.id for known in result.fixed]}
    groups = {
        "accepted": result.acceptances.in_force.values(),
        "expired_acceptances": result.acceptances.expired,
        "unused_acceptances": result.acceptances.unused,
    }
    return standing | {name: msgspec.to_builtins(list(kept)) for name, kept in groups.items() if kept}


def encode(value: Any) -> bytes:
    """JSON; structs keep the order of their fields, other objects are sorted. What is no Unicode text is escaped."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_encodable(value))


_encoder = msgspec.json.Encoder(enc_hook=str, order="deterministic")


def _encodable(value: Any) -> Any:
    match value:
        case str():
            return encodable(value)
        case Struct():
            parts = {name: _encodable(getattr(value, name)) for name in value.__struct_fields__}
            return type(value)(**parts)
        case dict():
            return {_encodable(key): _encodable(kept) for key, kept in value.items()}
        case list() | tuple():
            return [_encodable(kept) for kept in value]
    return value


def write(result: Result, stream: BinaryIO) -> None:
    """The document, indented by two, one line end at the end."""
    stream.write(msgspec.json.format(encode(make_document(result)), indent=2))
    stream.write(b"\n")
