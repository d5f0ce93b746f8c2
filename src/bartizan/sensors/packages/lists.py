"""Sensor: lists of packages and lock files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence
from bartizan.model.identity import digest
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.library import Library
from bartizan.sensors.packages.dependency import Dependency
from bartizan.sensors.packages.intake import Intake
from bartizan.sensors.packages.listing import MAX_DEPENDENCIES, Index, Listing
from bartizan.sensors.packages.node import (
    read_bun_lock,
    read_package_json,
    read_package_lock,
    read_pnpm_lock,
    read_yarn_lock,
)
from bartizan.sensors.packages.other import (
    read_cargo_lock,
    read_go_mod,
    read_go_sum,
    read_gradle_lock,
    read_nuget_lock,
    read_pom,
    read_project_file,
)
from bartizan.sensors.packages.python import (
    read_conda,
    read_pip_conf,
    read_pipfile,
    read_pipfile_lock,
    read_pyproject,
    read_requirements,
    read_toml_lock,
)

MAX_SIZE = 64 << 20
READERS: dict[str, Callable[[str], Listing]] = {
    "pyproject.toml": read_pyproject,
    "poetry.lock": read_toml_lock,
    "uv.lock": read_toml_lock,
    "pdm.lock": read_toml_lock,
    "pylock.toml": read_toml_lock,
    "Pipfile": read_pipfile,
    "Pipfile.lock": read_pipfile_lock,
    "pip.conf": read_pip_conf,
    "pip.ini": read_pip_conf,
    "environment.yml": read_conda,
    "environment.yaml": read_conda,
    "conda.yaml": read_conda,
    "conda.yml": read_conda,
    "package.json": read_package_json,
    "package-lock.json": read_package_lock,
    "npm-shrinkwrap.json": read_package_lock,
    ".package-lock.json": read_package_lock,
    "yarn.lock": read_yarn_lock,
    "pnpm-lock.yaml": read_pnpm_lock,
    "bun.lock": read_bun_lock,
    "go.mod": read_go_mod,
    "go.sum": read_go_sum,
    "Cargo.lock": read_cargo_lock,
    "packages.lock.json": read_nuget_lock,
    "Directory.Packages.props": read_project_file,
    "pom.xml": read_pom,
    "gradle.lockfile": read_gradle_lock,
    "buildscript-gradle.lockfile": read_gradle_lock,
}
_REQUIREMENTS = re.compile(
    r"(?:[\w.-]*requirements?[\w.-]*|constraints?[\w.-]*)\.(?:txt|in|pip)$|requirements/[\w.-]+\.(?:txt|in)$",
    re.IGNORECASE,
)
_COMMIT = re.compile(r"(?:@|#|commit=|rev=)[0-9a-f]{40}\b")


def reader_of(path: str) -> Callable[[str], Listing] | None:
    """What reads the file of that path, by its name."""
    name = path.rpartition("/")[2]
    if name in READERS:
        return READERS[name]
    if name.startswith("pylock.") and name.endswith(".toml"):
        return read_toml_lock
    if name.endswith((".csproj", ".fsproj", ".vbproj")):
        return read_project_file
    if name.endswith((".txt", ".in", ".pip")) and _REQUIREMENTS.search(path):
        return read_requirements
    return None


class Lists:
    """Reads what a project asks for, and what its lock files fixed."""

    kind: ClassVar[type[Blob]] = Blob

    def __init__(self, library: Library, settings: Settings) -> None:
        self.intake = Intake(library)
        self.settings = settings

    def wants(self, subject: Blob) -> bool:
        path = subject.inner_path
        if reader_of(path) is None or subject.size > MAX_SIZE or subject.is_past:
            return False
        return "node_modules/" not in path or path.endswith("node_modules/.package-lock.json")

    def observe(self, subject: Blob) -> Iterator[Observation]:
        reader = reader_of(subject.inner_path)
        if reader is None:
            return
        listing = reader(subject.bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n"))
        if len(listing.dependencies) > MAX_DEPENDENCIES:
            reason = f"{len(listing.dependencies)} packages; only the first {MAX_DEPENDENCIES} are taken"
            yield Coverage(Outcome.SKIPPED, str(subject.location), reason, "packages/lists")
        seen = unique(listing.dependencies[:MAX_DEPENDENCIES])
        private = any(index.how in {"only", "extra", "bound"} for index in listing.indexes)
        packages: list[str] = []
        for dependency in seen:
            asset = self.intake.asset(dependency, replace(subject.location, line=dependency.line or None))
            yield asset
            packages.append(asset.id)
            yield from self.intake.findings(dependency, asset, private=private)
        if seen or listing.indexes:
            yield from self._of_the_list(subject, listing, seen, packages)

    def _of_the_list(
        self, subject: Blob, listing: Listing, seen: list[Dependency], packages: list[str]
    ) -> Iterator[Observation]:
        """What concerns the list as a whole hangs on the file, as an artifact that contains the packages."""
        place = subject.location
        asset = Asset(AssetKind.ARTIFACT, subject.name, place, {"category": "package-list", "packages": len(seen)})
        yield asset
        yield from (Relation(RelationKind.CONTAINS, asset.id, package) for package in packages)
        yield from self._indexes(asset, listing.indexes)
        yield from self._addresses(asset, seen)
        loose = [one for one in seen if not one.version and not one.url and one.direct]
        if loose and not listing.locked:
            names = ", ".join(f"{one.name}{one.constraint if one.constraint != '*' else ''}" for one in loose[:30])
            yield self.intake.rules["packages/unpinned"].finding(
                asset.id,
                replace(place, line=loose[0].line or None),
                Evidence("text", f"{len(loose)} of {len(seen)} requirements have no exact version", names),
                severity=None if _REQUIREMENTS.search(subject.inner_path) else Severity.INFO,
                proof="unpinned",
            )

    def _indexes(self, asset: Asset, indexes: list[Index]) -> Iterator[Observation]:
        for index in indexes:
            place = replace(asset.location, line=index.line)
            shown = re.sub(r"//[^/@]*@", "//", index.url)[:200]
            if index.how == "extra":
                yield self.intake.rules["packages/extra-index"].finding(
                    asset.id, place, Evidence("text", f"packages are also taken from {shown}"), proof=digest(shown)
                )
            if index.how == "trusted" or (index.url.startswith("http://") and not _is_local(index.url)):
                what = f"the certificate of {shown} is not checked" if index.how == "trusted" else f"taken from {shown}"
                yield self.intake.rules["packages/insecure-index"].finding(
                    asset.id, place, Evidence("text", what), proof=digest(index.how, shown)
                )

    def _addresses(self, asset: Asset, seen: list[Dependency]) -> Iterator[Observation]:
        for one in seen:
            if not one.url or one.digests or _COMMIT.search(one.url) or _is_local(one.url):
                continue
            place = replace(asset.location, line=one.line or None)
            shown = re.sub(r"//[^/@]*@(?=[^/]*[.:])", "//", one.url)[:200]
            rule = "packages/insecure-index" if re.match(r"(?:git\+)?http://", one.url) else "packages/url-requirement"
            yield self.intake.rules[rule].finding(
                asset.id, place, Evidence("text", f"{one.name} is taken from {shown}"), proof=digest(one.name, shown)
            )


def unique(dependencies: list[Dependency]) -> list[Dependency]:
    """Each release once, at its first line."""
    table: dict[tuple[str, str], Dependency] = {}
    for dependency in dependencies:
        table.setdefault((dependency.purl, dependency.url), dependency)
    return list(table.values())


def _is_local(address: str) -> bool:
    return bool(re.match(r"(?:\w+\+)?(?:file:|https?://(?:localhost|127\.|\[::1\]))", address))
