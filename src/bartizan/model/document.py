"""Parsed configuration, with the place of every value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bartizan.model.blob import Blob
from bartizan.model.location import Location

Keys = tuple[str | int, ...]
"""The way to a value: mapping keys and list indexes from the top."""


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One parsed configuration: plain dicts, lists, strings, numbers, booleans and None.

    `places` maps the way to each value to its line and column (from 1, of the value itself); `keys` likewise for
    mapping keys. `syntax` is `json`, `yaml` or `toml`. A file with several YAML documents gives several.
    """

    blob: Blob
    syntax: str
    value: Any
    places: Mapping[Keys, tuple[int, int]] = field(default_factory=dict)
    keys: Mapping[Keys, tuple[int, int]] = field(default_factory=dict)

    def at(self, *way: str | int) -> Location:
        """The location of the value at `way`, or of its nearest known ancestor."""
        for length in range(len(way), -1, -1):
            place = self.places.get(way[:length]) or self.keys.get(way[:length])
            if place:
                return replace(self.blob.location, line=place[0], column=place[1])
        return self.blob.location
