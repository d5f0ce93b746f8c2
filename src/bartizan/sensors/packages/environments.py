"""Sensor: environments of installed Python packages, held against what their packages recorded."""

from __future__ import annotations

import base64
import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence
from bartizan.model.folder import Folder
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.library import Library

MAX_RECORD = 8 << 20
MAX_FILE = 2 << 20
FILES, FILES_DEEP = 3_000, 1_000_000
BYTES, BYTES_DEEP = 48 << 20, 8 << 30
MAX_FINDINGS = 50
_CODE = (".py", ".pth", ".so", ".pyd", ".dll", ".sh", ".js")
_HASHES = frozenset({"sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of a RECORD: path relative to the environment, algorithm and digest, and the size in bytes."""

    path: str
    algorithm: str
    digest: bytes
    size: int

    @property
    def rank(self) -> tuple[int, int, str]:
        """What starts by itself first, then what is imported first, then the rest by size."""
        name = self.path.rpartition("/")[2]
        depth = self.path.count("/")
        if name.endswith(".pth") or name in {"sitecustomize.py", "usercustomize.py"}:
            return (0, 0, self.path)
        if name.endswith(".py") and (depth == 0 or (name == "__init__.py" and depth == 1)):
            return (1, self.size, self.path)
        return (2 if name.endswith(".py") else 3, self.size, self.path)


class Environments:
    """Reads each RECORD of a site-packages folder and hashes the files that matter most, within a budget."""

    kind: ClassVar[type[Folder]] = Folder  # type: ignore[type-abstract]

    def __init__(self, library: Library, settings: Settings) -> None:
        self.rule = library.rules("packages")["packages/record-mismatch"]
        self.files = FILES_DEEP if settings.deep else FILES
        self.bytes = BYTES_DEEP if settings.deep else BYTES

    def wants(self, subject: Folder) -> bool:
        return any(name.endswith(".dist-info") for name in subject.folders)

    def observe(self, subject: Folder) -> Iterator[Observation]:
        recorded: dict[str, tuple[Recorded, str]] = {}
        for folder in subject.folders:
            if folder.endswith(".dist-info"):
                raw = subject.read(f"{folder}/RECORD", MAX_RECORD)
                for line in read_record((raw or b"").decode("utf-8", "replace")):
                    recorded[line.path] = (line, folder)
        yield from self._checked(subject, recorded)

    def _checked(self, subject: Folder, recorded: dict[str, tuple[Recorded, str]]) -> Iterator[Observation]:
        files, budget = Counter[str](), self.bytes
        changed: dict[str, list[Recorded]] = {}
        ordered = sorted(recorded.values(), key=lambda pair: pair[0].rank)
        for line, folder in ordered:
            if files.total() >= self.files or budget < line.size:
                reason = f"{files.total()} of {len(ordered)} files held against their RECORD; --deep takes all"
                yield Coverage(Outcome.SKIPPED, str(subject.location), reason, "packages/environments")
                break
            content = subject.read(line.path, MAX_FILE)
            if content is not None:
                files[folder] += 1
                budget -= len(content)
                if hashlib.new(line.algorithm, content).digest() != line.digest:
                    changed.setdefault(folder, []).append(line)
        for folder, lines in changed.items():
            yield from self._changed(subject, folder, lines, files[folder])

    def _changed(self, subject: Folder, folder: str, lines: list[Recorded], checked: int) -> Iterator[Observation]:
        """One finding for each changed file; a package that differs nearly everywhere was packed anew by a
        distribution, which is said as a gap.
        """
        package = folder.removesuffix(".dist-info")
        if len(lines) > 2 and len(lines) * 2 > checked:
            reason = f"{package} was packed anew: {len(lines)} of {checked} files differ from its RECORD"
            yield Coverage(Outcome.SKIPPED, str(subject.at(folder)), reason, "packages/environments")
            return
        # Every installer writes its name here; a distribution's packages are put down by other means, and patched.
        known = subject.read(f"{folder}/INSTALLER", 100) is not None
        for line in lines[:MAX_FINDINGS]:
            place = subject.at(line.path)
            asset = Asset(AssetKind.ARTIFACT, line.path.rpartition("/")[2], place, {"category": "installed-file"})
            yield asset
            yield self.rule.finding(
                asset.id,
                place,
                Evidence("text", f"{line.path} is not what {package} installed"),
                severity=None if known else Severity.LOW,
                confidence=None if known else Confidence.TENTATIVE,
                proof=line.path,
            )


def _rows(text: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(text.replace("\0", "").splitlines())
    except csv.Error:
        return


def read_record(text: str) -> Iterator[Recorded]:
    """The lines of a RECORD about code inside the environment that is small enough to be read."""
    for row in _rows(text):
        if len(row) != 3 or "=" not in row[1]:
            continue
        path, (algorithm, _, encoded) = row[0], row[1].partition("=")
        if algorithm not in _HASHES or path.startswith(("../", "/")) or "/../" in path:
            continue
        try:
            digest = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            continue
        size = int(row[2]) if row[2].isdigit() and len(row[2]) < 12 else 0
        if size <= MAX_FILE and path.endswith(_CODE):
            yield Recorded(path, algorithm, digest, size)
