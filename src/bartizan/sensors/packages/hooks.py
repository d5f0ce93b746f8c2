"""Sensor: the files that a package's install scripts start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence
from bartizan.model.folder import Folder
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.rules.marks import Marks, telling
from bartizan.rules.package import PackageRule, PackageSheet
from bartizan.sensors.packages.autorun import HOOKS, shown
from bartizan.sensors.packages.node import decoded

MAX_MANIFEST, MAX_SCRIPT = 1 << 20, 2 << 20
_STARTED = re.compile(r"(?:^|[\s;&|\"'])((?:\./)?[\w@][\w./@-]{0,200}\.(?:c?js|mjs|sh|py|ps1))\b")


class Hooks:
    """Reads what `preinstall`, `install` and `postinstall` of a package.json start beside it."""

    kind: ClassVar[type[Folder]] = Folder  # type: ignore[type-abstract]

    def __init__(self, library: Library, settings: Settings) -> None:
        rules = {rule.id: rule for sheet in library.sheets(PackageSheet) for rule in sheet.rules}
        self.rule: PackageRule = rules["packages/install-hook"]
        self.marks = Marks(library)
        self.settings = settings

    def wants(self, subject: Folder) -> bool:
        return "package.json" in subject.files

    def observe(self, subject: Folder) -> Iterator[Observation]:
        raw = subject.read("package.json", MAX_MANIFEST) or b""
        if b"install" not in raw and b"prepare" not in raw:
            return
        data: Any = decoded(raw.decode("utf-8-sig", "replace"))
        scripts = data.get("scripts") if isinstance(data, dict) else None
        commands = scripts if isinstance(scripts, dict) else {}
        seen: set[str] = set()
        for hook in HOOKS:
            command = commands.get(hook)
            for match in _STARTED.finditer(command[:2000]) if isinstance(command, str) else ():
                name = match.group(1).removeprefix("./")
                if name not in seen:
                    seen.add(name)
                    yield from self._judged(subject, hook, name)

    def _judged(self, subject: Folder, hook: str, name: str) -> Iterator[Observation]:
        raw = subject.read(name, MAX_SCRIPT)
        if raw is None:
            return
        text = raw.decode("utf-8", "replace")
        marks = self.marks.found(text)
        together = telling(self.rule, {*marks, "python"})
        if not together:
            return
        first = min(marks[mark] for mark in together if mark in marks)
        place = subject.at(name, text.count("\n", 0, first) + 1)
        what = " and ".join(self.marks.what(mark) for mark in together if mark in marks)
        asset = Asset(AssetKind.ARTIFACT, name.rpartition("/")[2], subject.at(name), {"category": "autorun"})
        yield asset
        yield self.rule.finding(
            asset.id, place, Evidence("text", f"the script {hook} starts {name}, which {what}", shown(text, first))
        )
