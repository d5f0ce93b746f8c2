"""Sensor: what starts by itself in a Python environment, and what installing a package would run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.finding import Evidence
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.rules.marks import MAX_TEXT, Marks, telling
from bartizan.rules.package import PackageRule, PackageSheet
from bartizan.sensors.packages.node import decoded
from bartizan.syntax.pattern import compiled

_AUTORUN = frozenset({"sitecustomize.py", "usercustomize.py"})
HOOKS = ("preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare")
_AT_START = ("packages/pth-code",)
_AT_INSTALL = ("packages/install-hook", "packages/install-fetch")
# Many programs have a wizard called setup.py that no installer ever runs.
_BUILDS = re.compile(r"\b(?:setuptools|distutils|skbuild)\b|^setup\(", re.MULTILINE)
_IMPORT = re.compile(r"^import[ \t].*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """Code that runs by itself, and what is said of it. `given` are marks that its place alone gives; `line` is
    where it stands when that is not to be counted in the text itself.
    """

    text: str
    prefix: str
    rules: tuple[str, ...]
    given: tuple[str, ...] = ()
    line: int = 0


class Autorun:
    """Reads `.pth` files, sitecustomize, setup.py, hatch build hooks and the install scripts of package.json."""

    kind: ClassVar[type[Blob]] = Blob

    def __init__(self, library: Library, settings: Settings) -> None:
        sheets = library.sheets(PackageSheet)
        self.rules: dict[str, PackageRule] = {rule.id: rule for sheet in sheets for rule in sheet.rules}
        self.familiar = [pattern for sheet in sheets for pattern in sheet.familiar]
        self.marks = Marks(library)
        self.settings = settings

    def wants(self, subject: Blob) -> bool:
        name = subject.name
        if subject.is_past:
            return False
        if name.endswith(".pth"):
            return subject.size < MAX_TEXT and b"\0" not in subject.bytes(0, 512)
        return name in _AUTORUN or name in {"setup.py", "hatch_build.py", "package.json"}

    def observe(self, subject: Blob) -> Iterator[Observation]:
        text = subject.bytes(0, MAX_TEXT).decode("utf-8-sig", "replace").replace("\r\n", "\n")
        if subject.name.endswith(".pth"):
            yield from self._path_file(subject, text)
        elif subject.name in _AUTORUN:
            yield from self._judged(subject, Piece(text, "starts with every Python process and ", _AT_START))
        elif subject.name == "package.json":
            yield from self._scripts(subject, text)
        elif subject.name != "setup.py" or _BUILDS.search(text):
            yield from self._judged(subject, Piece(text, "runs on installation and ", _AT_INSTALL, ("python",)))

    def _path_file(self, subject: Blob, text: str) -> Iterator[Observation]:
        for match in _IMPORT.finditer(text):
            line = match.group(0)
            if any(compiled(pattern).fullmatch(line) for pattern in self.familiar):
                continue
            place = replace(subject.location, line=text.count("\n", 0, match.start()) + 1)
            asset = Asset(AssetKind.ARTIFACT, subject.name, subject.location, {"category": "autorun"})
            yield asset
            marks = self.marks.found(line)
            together = telling(self.rules["packages/pth-code"], {*marks, "pth-line"})
            if together or len(line) > 2000:
                what = (
                    " and ".join(self.marks.what(name) for name in together if name in marks)
                    or f"is {len(line)} characters long"
                )
                summary = f"a line of {subject.name} starts with every Python process and {what}"
                yield self.rules["packages/pth-code"].finding(
                    asset.id, place, Evidence("text", summary, shown(line, min(marks.values(), default=0)))
                )
            else:
                yield self.rules["packages/pth-import"].finding(
                    asset.id, place, Evidence("text", f"{subject.name} runs code at every start", shown(line, 0))
                )
            return

    def _scripts(self, subject: Blob, text: str) -> Iterator[Observation]:
        data = decoded(text)
        scripts = data.get("scripts") if isinstance(data, dict) else None
        commands = scripts if isinstance(scripts, dict) else {}
        for hook in HOOKS:
            command = commands.get(hook)
            if isinstance(command, str):
                start = max(text.find(json.dumps(hook) + ":"), text.find(json.dumps(hook) + " :"), 0)
                line = text.count("\n", 0, start) + 1
                prefix = f"the script {hook} runs on installation and "
                yield from self._judged(subject, Piece(command, prefix, _AT_INSTALL, ("command",), line))

    def _judged(self, subject: Blob, piece: Piece) -> Iterator[Observation]:
        """The first of the rules whose marks the text bears."""
        text = piece.text
        marks = self.marks.found(text if piece.line else without_comments(text))
        for rule in (self.rules[name] for name in piece.rules):
            together = telling(rule, {*marks, *piece.given})
            if not together:
                continue
            asset = Asset(AssetKind.ARTIFACT, subject.name, subject.location, {"category": "autorun"})
            first = min((marks[name] for name in together if name in marks), default=0)
            what = " and ".join(self.marks.what(name) for name in together if name in marks)
            place = replace(subject.location, line=piece.line or text.count("\n", 0, first) + 1)
            yield asset
            yield rule.finding(asset.id, place, Evidence("text", piece.prefix + what, shown(text, first)))
            return


def without_comments(text: str) -> str:
    """Python comments blanked out, positions kept."""
    return re.sub(r"(?m)^[ \t]*#[^\n]*", lambda match: " " * len(match.group(0)), text)


def shown(text: str, start: int) -> str:
    """Some characters around a position, for evidence."""
    return text[max(start - 40, 0) : start + 160].strip()
