"""Sensor: scripts that run when a data set is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.finding import Evidence
from bartizan.model.observation import Observation
from bartizan.model.rule import Rule
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.rules.marks import Marks, telling
from bartizan.rules.package import PackageRule

MAX_SIZE = 1 << 20
_BUILDER = re.compile(
    rb"^class\s+\w+\(\s*(?:datasets\.)?(?:GeneratorBasedBuilder|ArrowBasedBuilder|DatasetBuilder|BeamBasedBuilder)\b",
    re.MULTILINE,
)


class LoadingScripts:
    """Reads what the builders of the `datasets` library do besides; that they run at all is the models domain's."""

    kind: ClassVar[type[Blob]] = Blob

    def __init__(self, library: Library, settings: Settings) -> None:
        self.rules: dict[str, Rule] = library.rules("artifacts")
        self.marks = Marks(library)
        hook = library.rules("packages").get("packages/install-hook")
        self.hook = hook if isinstance(hook, PackageRule) else None
        self.settings = settings

    def wants(self, subject: Blob) -> bool:
        if not subject.name.endswith(".py") or subject.size > MAX_SIZE or subject.is_past:
            return False
        return b"BasedBuilder" in subject.bytes()

    def observe(self, subject: Blob) -> Iterator[Observation]:
        raw = subject.bytes()
        if not _BUILDER.search(raw):
            return
        text = raw.decode("utf-8", "replace")
        marks = self.marks.found(text)
        together = telling(self.hook, {*marks, "python"} - {"environment"}) if self.hook else ()
        if together:
            asset = Asset(AssetKind.DATASET, subject.name.removesuffix(".py"), subject.location, {"format": "script"})
            yield asset
            what = " and ".join(self.marks.what(name) for name in together if name in marks)
            first = min(marks[name] for name in together if name in marks)
            place = replace(subject.location, line=text.count("\n", 0, first) + 1)
            evidence = Evidence("text", f"the loading script {what}")
            yield self.rules["artifacts/hostile-loading-script"].finding(asset.id, place, evidence)
