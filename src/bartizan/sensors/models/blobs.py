"""Looks at single artefacts: one asset for each model file, and what would run when it is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence, Finding
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.sensors.models.advice import advice
from bartizan.sensors.models.bench import Bench
from bartizan.sensors.models.issue import Issue, Reading, fold
from bartizan.sensors.models.kinds import recognise
from bartizan.sensors.models.reading import read

_DIGESTED = 32 << 20
"""Larger artefacts are digested only when asked to look deep: reading them would cost more than all the rest."""


class ModelFiles:
    """Sensor for blobs."""

    kind: ClassVar[type[Blob]] = Blob

    def __init__(self, library: Library, settings: Settings) -> None:
        self._rules = library.rules("models")
        self._bench = Bench(library)
        self._deep = settings.deep

    def wants(self, subject: Blob) -> bool:
        """Formats of models, whatever the name; templates and declarations of models by their names."""
        return recognise(subject) != ""

    def observe(self, subject: Blob) -> Iterator[Observation]:
        """The asset, its findings, and what of it could not be looked at."""
        reading = read(self._bench, subject)
        if reading is None:
            return
        asset = self._asset(subject, reading)
        yield asset
        for issue in fold(reading.issues):
            yield self._finding(asset, subject.location, issue)
        for gap in reading.gaps:
            yield Coverage(Outcome.FAILED, str(subject.location), gap, "models/files")

    def _asset(self, blob: Blob, reading: Reading) -> Asset:
        properties = {"format": reading.format, "size": blob.size, "verdict": str(reading.standing)}
        if reading.framework:
            properties["framework"] = reading.framework
        properties.update({key: value for key, value in reading.properties.items() if value not in ([], "", None)})
        properties.update(advice(reading.format, reading.framework, blob.name))
        if blob.size <= _DIGESTED or self._deep:
            properties["sha256"] = hashlib.sha256(blob.data).hexdigest()
        place = replace(blob.location, line=None, column=None)
        return Asset(AssetKind.MODEL_FILE, blob.name or reading.format, place, properties)

    def _finding(self, asset: Asset, place: Location, issue: Issue) -> Finding:
        member = "!".join(part for part in (place.member, issue.member) if part) or None
        where = replace(place, member=member, offset=issue.offset, line=issue.line)
        evidence = Evidence(issue.kind, issue.summary[:2000], issue.detail[:8000], where)
        return self._rules[f"models/{issue.rule}"].finding(
            asset.id,
            where,
            evidence,
            severity=issue.severity,
            confidence=issue.confidence,
            remediation=issue.remedy,
            proof=issue.proof,
        )
