"""Keys found again in what was scanned: their values are never stored, so they are read anew when needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import UsageError
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.rules.credential import Kind
from bartizan.rules.library import Library
from bartizan.scan.worker import load
from bartizan.scope.guard import Guard
from bartizan.scope.target import TargetKind, parse_target
from bartizan.sensors.secrets.keys import Keys
from bartizan.sensors.secrets.redaction import fingerprint, redact
from bartizan.sensors.secrets.sighting import Sighting
from bartizan.sources.registry import OPENERS, SOURCES

_AROUND = 4096


@dataclass(frozen=True, slots=True)
class Key:
    """One value in memory, with the kinds it may be of, where it stands and what stands around it there.

    `around` leaves the value itself out; `middle` is where it would be.
    """

    kinds: tuple[Kind, ...]
    value: bytes = field(repr=False)
    around: bytes = field(repr=False)
    middle: int
    redacted: str
    fingerprint: str
    places: tuple[Location, ...]


def find_keys(targets: Iterable[str], settings: Settings) -> tuple[list[Key], list[Coverage]]:
    """Every credential in the paths, each once; and what could not be read.

    Raises UsageError for a target that is no path.
    """
    sensor = Keys(Library(settings.packs), settings)
    ring: dict[bytes, Key] = {}
    gaps: list[Coverage] = []
    for subject in _subjects(targets, settings):
        if isinstance(subject, Coverage):
            gaps.append(subject)
        elif sensor.wants(subject):
            for sighting in sensor.sightings(subject):
                if not sighting.dropped:
                    _keep(ring, sighting, settings)
    return list(ring.values()), [gap for gap in gaps if gap.outcome is Outcome.FAILED]


def _subjects(targets: Iterable[str], settings: Settings) -> Iterator[Blob | Coverage]:
    guard = Guard(None)
    for text in targets:
        target = parse_target(text)
        if target.kind is not TargetKind.PATH:
            raise UsageError(f"{text}: keys are looked for in files and folders only")
        source = load(SOURCES[OPENERS[target.kind]])(settings, guard)
        for batch in source.batches(target):
            if isinstance(batch, Coverage):
                yield batch
                continue
            opener = load(SOURCES[batch.source])(settings, guard)
            for subject in opener.subjects(batch):
                if isinstance(subject, Blob | Coverage):
                    yield subject


def _keep(ring: dict[bytes, Key], sighting: Sighting, settings: Settings) -> None:
    place = sighting.text.place(sighting.start)
    known = ring.get(sighting.value)
    if known:
        ring[sighting.value] = replace(known, places=(*known.places, place))
        return
    data = sighting.text.data
    end = sighting.start + len(sighting.value)
    before = data[max(0, sighting.start - _AROUND) : sighting.start]
    ring[sighting.value] = Key(
        kinds=(sighting.kind, *sighting.others),
        value=sighting.value,
        around=before + b"\n" + data[end : end + _AROUND],
        middle=len(before),
        redacted=redact(sighting.value),
        fingerprint=fingerprint(sighting.value, settings.fingerprint_key),
        places=(place,),
    )
