"""What the tests of the models domain share: one sensor, and a way to show it bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bartizan.model.asset import Asset
from bartizan.model.blob import Blob
from bartizan.model.finding import Finding
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.sensors.models.bench import Bench
from bartizan.sensors.models.blobs import ModelFiles
from bartizan.sources.format import sniff

Look = Callable[[str, bytes], tuple[list[Asset], list[Finding]]]


@pytest.fixture(scope="session")
def library() -> Library:
    return Library()


@pytest.fixture(scope="session")
def bench(library: Library) -> Bench:
    return Bench(library)


@pytest.fixture(scope="session")
def look(library: Library) -> Look:
    """Show the sensor one file; give the assets and findings."""
    sensor = ModelFiles(library, Settings())

    def show(name: str, data: bytes) -> tuple[list[Asset], list[Finding]]:
        blob = Blob(Location(path=name), data, sniff(name, data))
        seen = list(sensor.observe(blob)) if sensor.wants(blob) else []
        return [each for each in seen if isinstance(each, Asset)], [each for each in seen if isinstance(each, Finding)]

    return show
