"""From a sighting to what is said about it. Nothing that leaves here holds a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.settings import Settings
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.credential import Issuer, Nearness
from bartizan.sensors.secrets.redaction import fingerprint, redact, value_key
from bartizan.sensors.secrets.search import Search
from bartizan.sensors.secrets.sighting import Sighting

_WHERE = {
    Nearness.NAME: "name",
    Nearness.LINE: "line",
    Nearness.SCOPE: "enclosing block",
    Nearness.NEAR: "neighbouring lines",
    Nearness.FILE: "file",
    Nearness.HALF: "other half",
}


class Report:
    """Words for sightings."""

    def __init__(self, search: Search, settings: Settings) -> None:
        self._search = search
        self._key = settings.fingerprint_key

    def observations(self, sighting: Sighting, place: Location) -> Iterator[Observation]:
        """The credential, what it opens, and the finding."""
        issuer = self._search.issuer_of[sighting.kind.id]
        if sighting.record:
            place = replace(place, record=sighting.record)
        asset = self._asset(sighting, issuer, place)
        yield asset
        for other in _opened(sighting, issuer):
            yield other
            yield Relation(RelationKind.AUTHENTICATES, asset.id, other.id)
        yield sighting.kind.finding(
            asset.id,
            place,
            Evidence("text", self._summary(sighting), self._detail(sighting)),
            severity=_severity(sighting),
            confidence=_confidence(sighting),
            remediation=_remediation(sighting),
            proof=value_key(sighting.value),
        )

    def _asset(self, sighting: Sighting, issuer: Issuer, place: Location) -> Asset:
        kind = sighting.kind
        shown = redact(sighting.value, _public_part(sighting))
        properties: dict[str, Any] = {
            "type": kind.slug,
            "provider": issuer.provider,
            "providers": self._providers(sighting),
            "category": issuer.category,
            "redacted": shown,
            "fingerprint": fingerprint(sighting.value, self._key),
            "reach": kind.reach,
            **sighting.bearer.facts,
        }
        told = {name: value for name, value in properties.items() if value}
        return Asset(AssetKind.CREDENTIAL, f"{kind.title} {shown}", place, told, key=value_key(sighting.value))

    def _providers(self, sighting: Sighting) -> list[str]:
        return sorted({self._search.issuer_of[kind.id].provider for kind in (sighting.kind, *sighting.others)})

    def _summary(self, sighting: Sighting) -> str:
        shown = redact(sighting.value, _public_part(sighting))
        name = f"{sighting.name} holds " if sighting.name else ""
        return f"{name}{shown} ({len(sighting.value)} characters, fingerprint {fingerprint(sighting.value, self._key)})"

    def _detail(self, sighting: Sighting) -> str:
        parts = []
        if sighting.text.layers:
            parts.append(f"found in {' in '.join(reversed(sighting.text.layers))}")
        if sighting.kind.layout:
            parts.append(f"has the form {sighting.kind.layout}")
        if sighting.kind.checksum:
            parts.append("its checksum is right")
        if sighting.nearness is not Nearness.NOWHERE:
            parts.append(f"its {_WHERE[sighting.nearness]} names the provider")
        if sighting.is_alone:
            parts.append("opens nothing without its secret, which does not stand near")
        if sighting.is_locked:
            parts.append("opens with a passphrase, which whoever has the file can guess at")
        if sighting.publisher:
            parts.append(f"everybody has it: it is one of those that {sighting.publisher} publishes")
        if sighting.others:
            names = sorted({self._search.issuer_of[kind.id].name for kind in (sighting.kind, *sighting.others)})
            parts.append(f"keys of {', '.join(names)} look alike and nothing around it tells them apart")
        parts += [f"{name} {value}" for name, value in sorted(sighting.bearer.facts.items())]
        return "; ".join(parts)


def _opened(sighting: Sighting, issuer: Issuer) -> Iterator[Asset]:
    """The provider's service, and the account where the value itself names it."""
    if issuer.service and not sighting.others:
        about = {"product": issuer.provider, "category": issuer.category, "access": "token"}
        yield Asset(AssetKind.AI_SERVICE, issuer.name, properties=about, key=f"provider/{issuer.provider}")
    if sighting.bearer.account:
        account = sighting.bearer.account
        yield Asset(AssetKind.IDENTITY, account, properties={"provider": issuer.provider}, key=f"account/{account}")


def _confidence(sighting: Sighting) -> Confidence | None:
    if sighting.others:
        return Confidence.TENTATIVE
    return Confidence.CERTAIN if sighting.kind.checksum else None


def _severity(sighting: Sighting) -> Severity | None:
    """What differs from the kind's own."""
    if sighting.kind.is_public:
        return Severity.INFO
    if sighting.publisher:
        return Severity.LOW
    if sighting.is_locked:
        return Severity.MEDIUM
    return sighting.kind.alone if sighting.is_alone else None


def _remediation(sighting: Sighting) -> str:
    steps = [f"{number}. {step}" for number, step in enumerate(sighting.kind.revoke, 1)]
    return "\n".join([sighting.kind.fix.strip(), *steps])


def _public_part(sighting: Sighting) -> int:
    """Length of the beginning that all values of the kind share."""
    starts = (len(start) for start in sighting.kind.starts if sighting.value.startswith(start.encode()))
    return max(starts, default=0)
