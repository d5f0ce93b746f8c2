"""Sensor: the metadata of installed packages, wherever they lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from bartizan.model.blob import Blob
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.sensors.packages.intake import Intake
from bartizan.sensors.packages.node import read_installed
from bartizan.sensors.packages.python import read_metadata

MAX_SIZE = 4 << 20
HEAD = 256 << 10
_METADATA = (".dist-info/METADATA", ".egg-info/PKG-INFO", "EGG-INFO/PKG-INFO")


class Installed:
    """Reads `METADATA` and `PKG-INFO` of Python and `package.json` below `node_modules`."""

    kind: ClassVar[type[Blob]] = Blob

    def __init__(self, library: Library, settings: Settings) -> None:
        self.intake = Intake(library)
        self.settings = settings

    def wants(self, subject: Blob) -> bool:
        path = subject.inner_path
        if subject.size > MAX_SIZE or subject.is_past:
            return False
        if subject.inside and path.count("/") == 1 and path.endswith("/PKG-INFO"):
            return True
        return path.endswith(_METADATA) or _is_node_package(path)

    def observe(self, subject: Blob) -> Iterator[Observation]:
        if subject.inner_path.endswith("package.json"):
            found = read_installed(subject.bytes().decode("utf-8-sig", "replace"))
        else:
            found = read_metadata(subject.bytes(0, HEAD).decode("utf-8-sig", "replace").replace("\r\n", "\n"))
        if found is not None:
            asset = self.intake.asset(found, subject.location)
            yield asset
            yield from self.intake.findings(found, asset)


def _is_node_package(path: str) -> bool:
    """`…/node_modules/NAME/package.json` or `…/node_modules/@SCOPE/NAME/package.json`: not the files deeper down."""
    if not path.endswith("/package.json"):
        return False
    _, found, below = path.rpartition("node_modules/")
    return bool(found) and below.count("/") == (2 if below.startswith("@") else 1)
