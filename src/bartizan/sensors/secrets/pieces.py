"""A literal split in two shows its first half too: only the whole is a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bartizan.sensors.secrets import joined
from bartizan.sensors.secrets.sighting import Sighting

_REACH = 4000
"""Bytes between the beginning of a split literal and what stands in it."""


class Pieces:
    """Holds back what seems to go on in another literal, until the whole has been seen or cannot be."""

    def __init__(self) -> None:
        self._held: list[Sighting] = []
        self._told: dict[bytes, int] = {}

    def apart(self, sightings: Iterable[Sighting]) -> Iterator[Sighting]:
        """What can be told at once."""
        for sighting in sightings:
            if sighting.dropped:
                yield sighting
            elif joined.LAYER in sighting.text.layers:
                if not self._is_told(sighting):
                    self._held = [piece for piece in self._held if not sighting.value.startswith(piece.value)]
                    yield sighting
            elif joined.goes_on(sighting.text.data, sighting.start + len(sighting.value)):
                self._held.append(sighting)
            else:
                self._told[sighting.value] = sighting.text.stored_at(sighting.start)
                yield sighting

    def _is_told(self, whole: Sighting) -> bool:
        """Whether the value stands in one literal after all, and only something before or behind it in another."""
        if any(whole.value in piece.value for piece in self._held):
            return True
        begin = whole.text.stored_at(whole.start)
        return begin <= self._told.get(whole.value, -1) < begin + _REACH

    @property
    def left(self) -> list[Sighting]:
        """Those of which no whole was seen."""
        return self._held
