"""The sensor: one look at each skill, plugin and folder with instructions for agents."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from itertools import islice

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence
from bartizan.model.folder import Folder
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.rules.skills import Home, Reading, SkillRule, SkillSheet
from bartizan.sensors.skills.bundle import Bundle, is_head, read_bundle, read_files
from bartizan.sensors.skills.host import declared_hosts, documents, own_hosts, stray_hosts, undeclared_hosts
from bartizan.sensors.skills.judge import excerpt, judge
from bartizan.sensors.skills.manifest import Hook, Manifest, front_hooks, read_hooks, read_manifest, read_wording
from bartizan.sensors.skills.oddity import file_units, link_units
from bartizan.sensors.skills.reader import Hit, Reader
from bartizan.sensors.skills.reference import referred_files
from bartizan.sensors.skills.singled import singled_out
from bartizan.sensors.skills.tie import ties
from bartizan.sensors.skills.unit import Unit, language_of, read_units
from bartizan.sensors.skills.veil import pushed_away, veiled
from bartizan.syntax.disguised import find_disguised
from bartizan.syntax.encoded import find_encoded
from bartizan.syntax.pattern import compiled

MAX_UNITS = 60_000
"""Sentences, commands and lines of one file."""
CODE = ("shell", "python", "script", "program")


class Skills:
    """Judges a skill with everything that belongs to it."""

    kind = Folder

    def __init__(self, library: Library, settings: Settings) -> None:
        sheets = library.sheets(SkillSheet)
        reading = reduce(Reading.joined, (sheet.reading for sheet in sheets if sheet.reading), Reading())
        self.rules: dict[str, SkillRule] = {rule.id: rule for sheet in sheets for rule in sheet.rules}
        self.homes = tuple(home for sheet in sheets for home in sheet.homes)
        self.marks = frozenset(mark for home in self.homes for mark in home.marks)
        self.reader = Reader([signal for sheet in sheets for signal in sheet.signals], reading)

    def wants(self, subject: Folder) -> bool:
        """Folders with a SKILL.md, and those where agents look for instructions."""
        return (
            any(is_head(name) for name in subject.files)
            or not self.marks.isdisjoint(subject.files)
            or not self.marks.isdisjoint(subject.folders)
            or any(_lies_in(home, subject) for home in self.homes if home.paths)
        )

    def observe(self, subject: Folder) -> Iterator[Observation]:
        """The skill, or what stands in an agent's home, and what is wrong with it."""
        head = next((name for name in subject.files if is_head(name)), "")
        if head:
            yield from self._skill(subject, head)
        for home in self.homes:
            if _lies_in(home, subject) and (not home.marks or {*subject.files, *subject.folders} & {*home.marks}):
                yield from self._home(subject, home, bool(head))

    def _skill(self, folder: Folder, head: str) -> Iterator[Observation]:
        bundle = read_bundle(folder, head)
        manifest = read_manifest(bundle.texts.get(head, ""))
        name = manifest.name or folder.location.leaf or "skill"
        asset = Asset(
            AssetKind.AGENT_SKILL,
            name,
            folder.at(head),
            {
                "form": "skill",
                "description": manifest.description[:500],
                "tools": list(manifest.tools[:50]),
                "scripts": sorted(each for each in bundle.texts if language_of(each) in CODE)[:100],
            },
        )
        yield asset
        yield from self._judged(asset, bundle, head, manifest)

    def _home(self, folder: Folder, home: Home, with_skill: bool) -> Iterator[Observation]:
        names = [name for name in _names(folder) if any(compiled(each).search(name) for each in home.files)]
        names = [name for name in names if not (with_skill and is_head(name))]
        if not names:
            return
        bundle = read_files(folder, names)
        more = read_files(folder, referred_files(bundle))
        bundle.texts.update(more.texts)
        first = next(iter(bundle.texts), names[0])
        asset = Asset(AssetKind.AGENT_SKILL, first.rpartition("/")[2], folder.at(first), {"form": home.name})
        yield asset
        yield from self._judged(asset, bundle, "", Manifest())

    def _judged(self, asset: Asset, bundle: Bundle, head: str, manifest: Manifest) -> Iterator[Observation]:
        own = f"{manifest.name} {manifest.description}"
        careful = self.reader.security_purpose(own)
        hits: list[Hit] = []
        units: list[Unit] = []
        for file, text in bundle.texts.items():
            units += islice(_units(file, text), MAX_UNITS)
        units += file_units(bundle.kinds, set(bundle.texts))
        units += link_units(bundle.folder) if head else ()
        hits += self.reader.hits(units, careful=careful)
        hits += declared_hosts(hits, own)
        hits += own_hosts((unit for unit in units if "://" in unit.text), f"{manifest.name} {asset.name}")
        linked = (self.reader.presented(unit, careful) for unit in units if "://" in unit.text)
        hits += stray_hosts((unit for unit in linked if not unit.cited), f"{own} {asset.name}", self.reader.known_place)
        told = documents(bundle.texts)
        known = f"{own} {asset.name} ".lower() + told
        hits += undeclared_hosts(units, bundle.texts, known, self.reader.public_place)
        languages = {file: _language(file, text) for file, text in bundle.texts.items()}
        code = {file: language for file, language in languages.items() if language in CODE}
        singled = singled_out(bundle.texts, code, f"{own} ".lower() + told)
        hits += (hit for hit in singled if not self._shown(hit, careful))
        for verdict in judge(self.rules.values(), hits, ties(bundle.texts, code)):
            first = verdict.hits[0]
            pieces = [
                Evidence(
                    "text",
                    f"{hit.signal}: {excerpt(hit.words)}",
                    excerpt(hit.unit.text),
                    bundle.folder.at(hit.unit.file, hit.unit.line or None),
                )
                for hit in verdict.hits
            ]
            yield verdict.rule.finding(
                asset.id,
                bundle.folder.at(first.unit.file, first.unit.line or None),
                *pieces,
                title=verdict.ground.title,
                severity=verdict.severity,
                confidence=verdict.confidence,
            )
        for file, text in bundle.texts.items():
            yield from veiled(self.rules, asset, bundle.folder.at(file), text)
            if _language(file, text) == "markdown":
                yield from pushed_away(self.rules, asset, bundle.folder.at(file), text)
        yield from self._facts(asset, bundle, head, manifest)

    def _shown(self, hit: Hit, careful: bool) -> bool:
        return self.reader.presented(hit.unit, careful).cited

    def _facts(self, asset: Asset, bundle: Bundle, head: str, manifest: Manifest) -> Iterator[Observation]:
        if head and manifest.flaw:
            rule = self.rules["skills/manifest-error"]
            yield rule.finding(asset.id, bundle.folder.at(head, 1), Evidence("text", manifest.flaw))
        for name, kind in bundle.kinds.items():
            if "code" in kind and "__pycache__" not in name:
                rule = self.rules["skills/binary-content"]
                yield rule.finding(asset.id, bundle.folder.at(name), Evidence("text", f"{name} holds {kind}"))
        wide = [tool for tool in manifest.tools if tool.strip() in ("*", "Bash(*)", "Bash(*:*)", "mcp__*", "all")]
        if wide:
            rule = self.rules["skills/broad-tools"]
            yield rule.finding(asset.id, bundle.folder.at(head, 1), Evidence("text", f"allows {', '.join(wide)}"))
        for name in bundle.left:
            yield Coverage(Outcome.SKIPPED, str(bundle.folder.at(name)), "larger than what is read of a skill")


def _units(file: str, text: str) -> Iterator[Unit]:
    """The units of a file, those that encoding hides included."""
    language = _language(file, text)
    if language in ("json", "markdown"):
        yield from _hook_units(file, read_hooks(text) if language == "json" else front_hooks(text))
    if language == "json":
        for wording, line in read_wording(text):
            yield Unit(file, "sample", wording, line)
    places: dict[int, Unit] = {}
    for unit in read_units(file, text, language):
        places.setdefault(unit.line, unit)
        yield unit
    if language:
        yield from _decoded_units(file, text, places)


def _decoded_units(file: str, text: str, places: Mapping[int, Unit]) -> Iterator[Unit]:
    """What encoding hides, line by line, as standing where the line stands that holds it (`places`, by line)."""
    starts = sorted(places)
    found = [(each, ("decoded",)) for each in find_encoded(text)]
    disguised = [(each, ("decoded", "disguised")) for each in find_disguised(text)]
    for run, kinds in (*found, *disguised):
        line = text.count("\n", 0, run.start) + 1
        before = bisect_right(starts, line)
        around = places[starts[before - 1]] if before else Unit(file, "decoded", "", line)
        shown = around.shown_in or around.place
        for piece in run.says.split("\n")[:200]:
            for place in kinds if piece.strip() else ():
                said = piece.strip()[:4000]
                yield replace(around, place=place, text=said, line=line, fenced=False, shown_in=shown)


def _hook_units(file: str, hooks: Iterable[Hook]) -> Iterator[Unit]:
    """Each command twice: as what any command is, and as what runs by itself."""
    for hook in hooks:
        for unit in read_units(file, hook.command, "shell"):
            for place in (unit.place, "hook"):
                yield replace(unit, place=place, line=hook.line, section=f"hook {hook.event}")


def _language(file: str, text: str) -> str:
    return language_of(file.rpartition("/")[2], text[:200])


def _names(folder: Folder) -> Iterator[str]:
    """Files here and up to three folders below."""
    yield from folder.files
    pending = [(name, 1) for name in folder.folders]
    count = 0
    while pending and count < 2000:
        name, depth = pending.pop(0)
        below = folder.enter(name) if name.rpartition("/")[2] not in (".git", "node_modules", "skills") else None
        if below is None:
            continue
        for file in below.files:
            count += 1
            yield f"{name}/{file}"
        if depth < 3:
            pending += [(f"{name}/{each}", depth + 1) for each in below.folders]


def _lies_in(home: Home, folder: Folder) -> bool:
    return not home.paths or any(compiled(each).search(folder.path) for each in home.paths)
