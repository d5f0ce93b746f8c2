"""Takes values that a sensor knows to be secret out of whatever else was said of the same subject."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bartizan.model.asset import Asset
from bartizan.model.coverage import Coverage
from bartizan.model.finding import Evidence, Finding
from bartizan.model.identity import digest
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.scan.rewording import reworded
from bartizan.sensors.secrets.redaction import redact

_SHORTEST = 12
"""Characters of a value that is not met by chance in other words."""
_MOST = 2000
"""Values of one subject that are looked for; more are no configuration but a list."""
_PLACES = ("path", "member", "url", "record")


class Eraser:
    """Cuts known values down to their ends, wherever they stand: in names, quotations and paths alike."""

    def __init__(self, values: Iterable[bytes]) -> None:
        texts = {value.decode("utf-8", "replace") for value in values if len(value) >= _SHORTEST}
        ordered = sorted(texts, key=lambda text: (-len(text), text))[:_MOST]
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def over(self, seen: Iterable[Observation]) -> list[Observation]:
        """The observations without the values. What tells a finding from others stays what it was."""
        return list(seen) if self._pattern is None else reworded(seen, self._one)

    def _one(self, item: Observation) -> Observation:
        match item:
            case Asset():
                return self._asset(item)
            case Finding():
                return self._finding(item)
            case Coverage():
                return replace(item, target=self.text(item.target), reason=self.text(item.reason))
        return item

    def _asset(self, asset: Asset) -> Asset:
        return replace(
            asset,
            name=self.text(asset.name),
            properties=self._value(asset.properties),
            location=self._place(asset.location),
            elsewhere=tuple(map(self._place, asset.elsewhere)),
        )

    def _finding(self, finding: Finding) -> Finding:
        return replace(
            finding,
            title=self.text(finding.title),
            location=self._place(finding.location),
            evidence=tuple(map(self._evidence, finding.evidence)),
            remediation=self.text(finding.remediation),
            proof=finding.proof or digest(*(piece.summary for piece in finding.evidence)),
        )

    def _evidence(self, piece: Evidence) -> Evidence:
        place = piece.location and self._place(piece.location)
        return replace(piece, summary=self.text(piece.summary), detail=self.text(piece.detail), location=place)

    def _place(self, place: Location) -> Location:
        parts: dict[str, Any] = {name: self.text(part) for name in _PLACES if (part := getattr(place, name))}
        return replace(place, **parts)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self._value(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            items = [self._value(item) for item in value]
            return items if isinstance(value, list) else tuple(items)
        return value

    def text(self, text: str) -> str:
        """The text without the values."""
        if self._pattern is None or not text:
            return text
        return self._pattern.sub(lambda match: redact(match.group().encode("latin-1", "replace")), text)
