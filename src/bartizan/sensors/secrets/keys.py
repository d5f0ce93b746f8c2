"""The sensor of leaked credentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.settings import Settings
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.credential import Nearness
from bartizan.rules.library import Library
from bartizan.sensors.secrets.redaction import fingerprint, redact, value_key
from bartizan.sensors.secrets.search import Search, Sighting
from bartizan.sensors.secrets.text import Lines, Text

NAME = "secrets/keys"


class Keys:
    """Looks for credentials in the bytes of a blob."""

    kind: ClassVar[type[Any]] = Blob

    def __init__(self, library: Library, settings: Settings) -> None:
        self._search = Search(library)
        self._settings = settings

    def wants(self, subject: Blob) -> bool:
        """All that may hold text: no tensors, pictures or compressed data."""
        return subject.size > 15

    def observe(self, subject: Blob) -> Iterator[Observation]:
        """Each credential with its finding; with `show_all` also what was dropped and why."""
        path = "/".join(filter(None, (subject.location.path, subject.location.member)))
        data = subject.bytes()
        text = Text(data, subject.location, lines=Lines(data))
        for sighting in self._search.sightings(text, path):
            if sighting.dropped:
                yield from self._dropped(sighting)
            else:
                yield from self._reported(sighting)

    def _dropped(self, sighting: Sighting) -> Iterator[Observation]:
        if self._settings.show_all:
            place = sighting.text.place(sighting.start)
            yield Coverage(Outcome.SKIPPED, str(place), f"{sighting.dropped}: not {sighting.kind.id}", NAME)

    def _reported(self, sighting: Sighting) -> Iterator[Observation]:
        issuer = self._search.issuer_of[sighting.kind.id]
        asset = self._asset(sighting)
        yield asset
        if issuer.service:
            service = Asset(
                AssetKind.AI_SERVICE,
                issuer.name,
                key=f"provider/{issuer.provider}",
                properties={"product": issuer.provider, "category": issuer.category, "access": "token"},
            )
            yield service
            yield Relation(RelationKind.AUTHENTICATES, asset.id, service.id)
        if sighting.bearer.account:
            owner = Asset(AssetKind.IDENTITY, sighting.bearer.account, key=f"{issuer.provider}/{sighting.bearer.account}")
            yield owner
            yield Relation(RelationKind.AUTHENTICATES, asset.id, owner.id)
        place = sighting.text.place(sighting.start)
        yield sighting.kind.finding(
            asset.id,
            place,
            Evidence("text", self._summary(sighting), self._detail(sighting)),
            severity=Severity.INFO if sighting.kind.is_public else None,
            confidence=_confidence(sighting),
            remediation=_remediation(sighting),
            proof=value_key(sighting.value),
        )

    def _asset(self, sighting: Sighting) -> Asset:
        kind = sighting.kind
        issuer = self._search.issuer_of[kind.id]
        possible = sorted({self._search.issuer_of[other.id].provider for other in (kind, *sighting.others)})
        properties: dict[str, Any] = {
            "kind": kind.slug,
            "provider": issuer.provider,
            "providers": possible,
            "redacted": redact(sighting.value, _start(sighting)),
            "fingerprint": fingerprint(sighting.value, self._settings.fingerprint_key),
            "reach": kind.reach,
            **sighting.bearer.facts,
        }
        return Asset(
            AssetKind.CREDENTIAL,
            f"{kind.title} {redact(sighting.value, _start(sighting))}",
            sighting.text.place(sighting.start),
            {name: value for name, value in properties.items() if value},
            key=value_key(sighting.value),
        )

    def _summary(self, sighting: Sighting) -> str:
        shown = redact(sighting.value, _start(sighting))
        mark = fingerprint(sighting.value, self._settings.fingerprint_key)
        name = f"{sighting.name} holds " if sighting.name else ""
        return f"{name}{shown} ({len(sighting.value)} characters, fingerprint {mark})"

    def _detail(self, sighting: Sighting) -> str:
        parts = []
        if sighting.text.layers:
            parts.append(f"found under {' in '.join(reversed(sighting.text.layers))}")
        if sighting.kind.layout:
            parts.append(f"has the form {sighting.kind.layout}")
        if sighting.kind.checksum:
            parts.append("its checksum is right")
        if sighting.attribution and sighting.attribution.nearness is not Nearness.NOWHERE:
            parts.append(f"the provider is named by its {_WHERE[sighting.attribution.nearness]}")
        if sighting.others:
            names = sorted({self._search.issuer_of[kind.id].name for kind in (sighting.kind, *sighting.others)})
            parts.append(f"keys of {', '.join(names)} look alike and nothing around it tells them apart")
        return "; ".join(parts)


_WHERE = {
    Nearness.NAME: "name",
    Nearness.LINE: "line",
    Nearness.SCOPE: "enclosing block",
    Nearness.NEAR: "neighbouring lines",
    Nearness.FILE: "file",
}


def _confidence(sighting: Sighting) -> Confidence | None:
    if sighting.others:
        return Confidence.TENTATIVE
    return Confidence.CERTAIN if sighting.kind.checksum else None


def _remediation(sighting: Sighting) -> str:
    steps = [sighting.kind.fix.strip(), *(f"{number}. {step}" for number, step in enumerate(sighting.kind.revoke, 1))]
    return "\n".join(steps)


def _start(sighting: Sighting) -> int:
    return max((len(start) for start in sighting.kind.starts if sighting.value.startswith(start.encode())), default=0)
