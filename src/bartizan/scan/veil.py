"""Keeps the values of keys out of what sensors quote: a command, an address or a line may hold one by chance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence, Finding
from bartizan.model.identity import digest
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.rules.credential import Issuer
from bartizan.rules.library import Library
from bartizan.rules.noise import Noise
from bartizan.scan.rewording import reworded
from bartizan.sensors.secrets.randomness import entropy, reads_as_words
from bartizan.sensors.secrets.redaction import redact
from bartizan.sensors.secrets.vocabulary import NameSense, Vocabulary

_OWN = "secrets/"
"""What this domain says is redacted by itself, and holds digests on purpose."""
_LONG = re.compile(r"[^\s\"'`]{12}")
_NAMED = re.compile(
    r"(?i)(?:bearer|basic|authorization|api[_-]?key|access[_-]?key|token|secret|passw(?:or)?d|x-[a-z-]*key|\bkey)"
    r"\\*[\"']?\s{0,3}(?:[:=]|%3d|\s)\s{0,3}\\*[\"']?(?:(?:bearer|basic|token)\s+)?([^\s\"'`&,;<>(){}\\]{8,})"
)
_LOGIN = re.compile(r"://(?:[^\s/@:\"']{0,80}:)?([^\s/@\"']{8,200})@")
_TOKEN = re.compile(r"[A-Za-z0-9_+/=-]{20,}")
_REFERENCE = re.compile(r"[$%{<]|^\W|\*\*|…|://")


class Veil:
    """Redacts what looks like a credential in names, properties and evidence."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def over(self, seen: Iterable[Observation]) -> list[Observation]:
        """The observations without values. An asset's id stands where it was used, though its name has changed."""
        return reworded(seen, self._one)

    def _one(self, item: Observation) -> Observation:
        if isinstance(item, Asset):
            return self._asset(item)
        return self._finding(item) if isinstance(item, Finding) else item

    def _asset(self, asset: Asset) -> Asset:
        if asset.kind is AssetKind.CREDENTIAL:
            return replace(asset, location=self._place(asset.location))
        name, properties, place = self.text(asset.name), self._values(asset.properties), self._place(asset.location)
        if (name, properties, place) == (asset.name, asset.properties, asset.location):
            return asset
        return replace(asset, name=name, properties=properties, location=place)

    def _finding(self, finding: Finding) -> Finding:
        place = self._place(finding.location)
        if finding.rule.startswith(_OWN):
            return finding if place is finding.location else replace(finding, location=place)
        evidence = tuple(self._evidence(piece) for piece in finding.evidence)
        title = self.text(finding.title)
        if (evidence, title, place) == (finding.evidence, finding.title, finding.location):
            return finding
        proof = finding.proof or digest(*(piece.summary for piece in finding.evidence))
        return replace(finding, title=title, evidence=evidence, location=place, proof=proof)

    def _place(self, place: Location) -> Location:
        """Names of records are written by people; paths stay, for without them nothing is found."""
        record = self.text(place.record, drawn=False) if place.record else place.record
        return place if record == place.record else replace(place, record=record)

    def _evidence(self, piece: Evidence) -> Evidence:
        place = piece.location and self._place(piece.location)
        return replace(piece, summary=self.text(piece.summary), detail=self.text(piece.detail), location=place)

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(name, value) for name, value in values.items()}

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            if not _LONG.search(value):
                return value
            return self.text(value, drawn=self._vocabulary.sense(name.encode()) is not NameSense.OTHER)
        if isinstance(value, Mapping):
            return self._values({str(key): item for key, item in value.items()})
        if isinstance(value, list | tuple):
            items = [self._value(name, item) for item in value]
            return items if isinstance(value, list) else tuple(items)
        return value

    def text(self, text: str, *, drawn: bool = True) -> str:
        """The text with every credential cut down to its ends. With `drawn`, also tokens that only look drawn by lot:
        digests and ids do too.
        """
        if not _LONG.search(text):
            return text
        text = self._starts.sub(lambda match: _cut(match, self._is_key(match.group(1))), text)
        for pattern in (_LOGIN, _NAMED):
            text = pattern.sub(lambda match: _cut(match, _is_given(match.group(1))), text)
        if not drawn:
            return text
        return _TOKEN.sub(lambda match: _cut(match, self._is_drawn(match.group())), text)

    @cached_property
    def _noise(self) -> Noise:
        return self._library.sheets(Noise)[0]

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._noise)

    @cached_property
    def _bigrams(self) -> frozenset[bytes]:
        return frozenset(pair.encode() for pair in self._noise.bigrams.split())

    @cached_property
    def _starts(self) -> re.Pattern[str]:
        """How keys of all providers begin, with what follows."""
        kinds = [kind for issuer in self._library.sheets(Issuer) for kind in issuer.rules if not kind.is_public]
        starts = sorted({start for kind in kinds for start in kind.starts if kind.follow}, key=len, reverse=True)
        return re.compile(r"(?<![A-Za-z0-9])((?:" + "|".join(map(re.escape, starts)) + r")[A-Za-z0-9_.+/=:-]{12,})")

    def _is_key(self, value: str) -> bool:
        return not self._reads(value) and len(set(value)) > 8

    def _is_drawn(self, value: str) -> bool:
        """Whether it mixes both cases with digits as nothing does that a person or a hash function wrote."""
        bare = value.strip("+/=-_")
        if bare.isupper() or bare.islower() or not any(char.isdigit() for char in bare) or value.count("/") > 2:
            return False
        return entropy(bare.encode()) >= 3.7 and not self._reads(bare)

    def _reads(self, value: str) -> bool:
        return reads_as_words(value.encode("utf-8", "replace"), self._bigrams)


def _cut(match: re.Match[str], is_secret: bool) -> str:
    whole = match.group()
    if not is_secret:
        return whole
    value = match.group(match.lastindex or 0)
    start = match.start(match.lastindex or 0) - match.start()
    return whole[:start] + redact(value.encode("latin-1", "replace")) + whole[start + len(value) :]


def _is_given(value: str) -> bool:
    """A value written out where one is expected, no reference and no word."""
    return not _REFERENCE.search(value) and any(char.isdigit() for char in value) and len(set(value)) > 5
