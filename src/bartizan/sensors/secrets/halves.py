"""Credentials of two halves: an identifier that has a beginning, and a secret that is told by standing beside it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from bartizan.rules.credential import Kind
from bartizan.sensors.secrets.sighting import Sighting

BESIDE = 400
"""Bytes between the beginnings of two halves of which one is told by the other."""
TOGETHER = 4000
"""Bytes between two halves, each known by itself, that make one credential."""
_MOST = 1000
"""Identifiers of one text that wait for their secrets."""


def told_by_other(kinds: Iterable[Kind]) -> Mapping[str, Kind]:
    """By id of a kind with a beginning: its other half, where that has none."""
    kinds = tuple(kinds)
    by_slug = {kind.slug: kind for kind in kinds}
    pairs = {kind.id: by_slug.get(kind.pair) for kind in kinds if kind.starts and kind.pair}
    return {key: other for key, other in pairs.items() if other is not None and not other.starts}


def is_beside(start: int, places: list[int], reach: int) -> bool:
    """Whether one of the ascending places is within reach."""
    at = bisect_left(places, start - reach)
    return at < len(places) and places[at] <= start + reach


def completed(sightings: Iterable[Sighting]) -> Iterator[Sighting]:
    """The sightings of one text; identifiers that open nothing alone come last, and say whether they are alone."""
    waiting: list[Sighting] = []
    places: dict[str, list[int]] = {}
    for sighting in sightings:
        if sighting.dropped or not sighting.kind.pair:
            yield sighting
            continue
        places.setdefault(sighting.kind.slug, []).append(sighting.start)
        if sighting.kind.alone is not None and len(waiting) < _MOST:
            waiting.append(sighting)
        else:
            yield sighting
    for sighting in waiting:
        lone = not is_beside(sighting.start, places.get(sighting.kind.pair, []), TOGETHER)
        yield replace(sighting, is_alone=lone)
