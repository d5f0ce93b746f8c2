"""Tries rules on their cases: the same sensors as in a scan, on subjects that are written down."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from bartizan.correlate.registry import CORRELATORS
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.document import Document
from bartizan.model.errors import RuleError
from bartizan.model.finding import Finding
from bartizan.model.folder import Folder
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.service import Service
from bartizan.model.session import Session
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.rules.case import Case, read_cases
from bartizan.rules.index import sheet_files
from bartizan.rules.library import Library
from bartizan.rules.sample import expand
from bartizan.rules.sheet import sheet_type
from bartizan.sensors.registry import SENSORS
from bartizan.syntax.strictyaml import read_yaml

CASELESS = frozenset({"frameworks", "services"})
"""Folders of facts that nothing is matched against."""


class Trial:
    """The sensors of one domain, ready to be tried on cases."""

    def __init__(self, domain: str, library: Library, settings: Settings | None = None) -> None:
        self.domain, self.settings = domain, settings or Settings()
        self.sensors = [
            getattr(import_module(home.partition(":")[0]), home.partition(":")[2])(library, self.settings)
            for name, home in SENSORS.items()
            if name.partition("/")[0] == domain
        ]
        self.library = library
        self.correlators = [
            getattr(import_module(home.partition(":")[0]), home.partition(":")[2])
            for name, home in CORRELATORS.items()
            if name.partition("/")[0] == domain
        ]

    def observe(self, case: Case) -> list[Observation]:
        """Everything that the domain's sensors, and then its correlators, say about the case."""
        if case.scope:
            settings = replace(
                self.settings,
                approved_servers=case.scope.get("approved_servers", ()),
                safe_tools=case.scope.get("safe_tools", ()),
            )
            scoped = Trial(self.domain, self.library, settings)
            return scoped.observe(replace(case, scope={}))
        seen: list[Observation] = [
            Asset(AssetKind(written.kind), written.name, properties=written.properties) for written in case.assets
        ]
        for subject in case_subjects(case):
            for sensor in self.sensors:
                seen.extend(_look(sensor, subject))
        earlier = _Earlier(
            self.observe(replace(case, text=case.before, before=None)) if case.before is not None else ()
        )
        for correlate in self.correlators:
            inventory = Inventory()
            inventory.add(seen)
            seen.extend(correlate(inventory, earlier, self.library))
        return seen

    def names(self, case: Case) -> set[str]:
        """What was recognised: rule ids of findings, products of services, and names of fitting properties.

        An asset whose properties contradict `expect` is not recognised.
        """
        names: set[str] = set()
        for seen in self.observe(case):
            if isinstance(seen, Finding):
                names.add(seen.rule)
            elif isinstance(seen, Asset) and "product" in seen.properties and _shows(seen, case.expect):
                names.add(str(seen.properties["product"]))
        return names


class _Earlier:
    """What an earlier scan saw: nothing, before the first one."""

    def __init__(self, seen: Iterable[Observation]) -> None:
        inventory = Inventory()
        inventory.add(seen)
        self._assets = inventory.assets

    def asset(self, key: str) -> Asset | None:
        return self._assets.get(key)


def _shows(asset: Asset, expected: dict[str, Any]) -> bool:
    return all(asset.properties.get(key) == value for key, value in expected.items())


def _look(sensor: Any, subject: Subject) -> Iterator[Observation]:
    if sensor.kind is Document and isinstance(subject, Blob):
        if sensor.wants(subject):
            documents = import_module("bartizan.sources.document").read_documents(subject)
            yield from (seen for document in documents for seen in sensor.observe(document))
    elif _fits(sensor.kind, subject) and sensor.wants(subject):
        yield from sensor.observe(subject)


def _fits(kind: type[Any], subject: Subject) -> bool:
    if isinstance(subject, Blob):
        return kind is Blob
    if hasattr(subject, "call"):
        return kind is Session
    return kind is (Service if hasattr(subject, "ask") else Folder if hasattr(subject, "files") else type(subject))


def case_subjects(case: Case) -> Iterator[Subject]:
    """The subjects that a case writes down."""
    if case.exchanges:
        yield import_module("bartizan.net.recorded").recorded_service(case)
    for server in case.servers:
        yield import_module("bartizan.sources.pretended").PretendedServer(server)
    if case.files:
        yield from import_module("bartizan.sources.written").written_folder(case)
    if case.text is not None:
        yield _blob(case, expand(case.text, case.name).encode())
    if case.base64 is not None:
        yield _blob(case, b64decode(case.base64))


def _blob(case: Case, data: bytes) -> Blob:
    from bartizan.sources.format import sniff

    return Blob(Location(path=case.path), data, sniff(case.path, data), mode=case.mode)


def try_sheet(path: Path, names: tuple[str, ...], trial: Trial) -> Iterator[str]:
    """Complaints about the cases of one sheet, one line each; none when all hold."""
    for name, cases in read_cases(path, names).items():
        for case in cases.must_match:
            if name not in (met := trial.names(case)):
                yield f"{path.name}: {name} does not match the case {case.name!r} (matched: {sorted(met) or 'nothing'})"
        for case in cases.must_not_match:
            if name in trial.names(case):
                yield f"{path.name}: {name} matches the case {case.name!r}, which it must not"


def try_packs(library: Library, folders: Iterable[Path], domains: Iterable[str] = ()) -> tuple[int, list[str]]:
    """Try every sheet of the folders (or of some domains); give their number and the complaints."""
    trials: dict[str, Trial] = {}
    wanted = frozenset(domains)
    count = 0
    complaints: list[str] = []
    for domain, path in sheet_files(folders):
        if domain not in CASELESS and (not wanted or domain in wanted):
            trial = trials.setdefault(domain, Trial(domain, library))
            names = case_names(read_yaml(path, sheet_type(domain), RuleError))
            complaints += try_sheet(path, names, trial) if names else ()
            count += 1
    return count, complaints


def case_names(sheet: Any) -> tuple[str, ...]:
    """What the cases of a sheet are for: `cases_for` where the sheet says so, else the ids of its rules."""
    names: tuple[str, ...] = getattr(sheet, "cases_for", None) or tuple(rule.id for rule in sheet.rules)
    return names
