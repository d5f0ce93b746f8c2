"""The sensor, made once, and fakes built at run time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bartizan.model.blob import Blob
from bartizan.model.finding import Finding
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.rules.sample import expand
from bartizan.sensors.secrets.keys import Keys
from bartizan.sources.format import sniff

SETTINGS = Settings(fingerprint_key=b"k" * 32)
Look = Callable[..., list[Observation]]


@pytest.fixture(scope="session")
def library() -> Library:
    return Library()


@pytest.fixture(scope="session")
def keys(library: Library) -> Keys:
    return Keys(library, SETTINGS)


@pytest.fixture(scope="session")
def look(keys: Keys) -> Look:
    def run(data: bytes | str, path: str = "a.txt", form: str = "", sensor: Keys = keys) -> list[Observation]:
        raw = data.encode() if isinstance(data, str) else data
        blob = Blob(Location(path=path), raw, form or sniff(path, raw))
        return list(sensor.observe(blob)) if sensor.wants(blob) else []

    return run


@pytest.fixture
def found(look: Look) -> Callable[..., list[Finding]]:
    def run(data: bytes | str, path: str = "a.txt", form: str = "") -> list[Finding]:
        return [seen for seen in look(data, path, form) if isinstance(seen, Finding)]

    return run


def fake(marks: str, seed: str = "") -> str:
    """A value made of the marks of `rules.sample`."""
    return expand(marks, seed or marks)


OPENAI = "sk-<<join>>proj-<<url 74>>T3<<join>>BlbkFJ<<url 74>>"
ANTHROPIC = "sk-<<join>>ant-api03-<<url 93>>AA"
GROQ = "gs<<join>>k_<<alnum 52>>"
