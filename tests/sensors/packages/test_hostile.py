"""Files made to keep a reader busy."""

from __future__ import annotations

import time

import pytest

from bartizan.model.blob import Blob
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.sensors.artifacts.documents import Documents
from bartizan.sensors.packages.autorun import Autorun
from bartizan.sensors.packages.lists import READERS, Lists

LIBRARY = Library()
SIZE = 300_000
PIECES = {
    "spaces": " ",
    "comments": "<!--",
    "dependencies": "<dependency>",
    "properties": "<a>b</",
    "brackets": "[[package]]\n",
    "objects": '{"dependencies": ',
    "keys": '"node_modules/a": {',
    "hashes": "--hash=sha256:",
    "continuations": "a \\\n",
    "at signs": "@@/",
    "veils": "<a style='",
}


@pytest.mark.parametrize("name", sorted(PIECES))
def test_nothing_takes_long(name: str) -> None:
    text = PIECES[name] * (SIZE // len(PIECES[name]))
    start = time.process_time()
    for reader in {*READERS.values()}:
        reader(text)
    lists, autorun, documents = (kind(LIBRARY, Settings()) for kind in (Lists, Autorun, Documents))
    for sensor, path in (
        (lists, "requirements.txt"),
        (autorun, "setup.py"),
        (autorun, "x.pth"),
        (documents, "kb/x.html"),
    ):
        list(sensor.observe(Blob(Location(path=path), text.encode(), "text")))
    assert time.process_time() - start < 10
