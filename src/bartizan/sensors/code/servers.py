"""The sensor: follows what strangers give to the tools of a server, through its source, and what must not leave it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.folder import Folder
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.code import CodeSheet, FlowRule
from bartizan.rules.library import Library
from bartizan.sensors.code.package import is_contained, is_minified, is_root, read_server, server_name
from bartizan.sensors.code.verdict import Program, findings
from bartizan.syntax.flow import tree
from bartizan.syntax.flow.follower import Follower
from bartizan.syntax.flow.policy import Policy, Track
from bartizan.syntax.flow.trail import Flow
from bartizan.syntax.pattern import compiled

TRACK_WORK = 200_000
"""Steps of each of the further tracks."""


class Servers:
    """Looks at each package that may hold the source of an MCP server."""

    kind = Folder

    def __init__(self, library: Library, settings: Settings) -> None:
        sheets = library.sheets(CodeSheet)
        self.rules: dict[str, FlowRule] = {rule.kind: rule for sheet in sheets for rule in sheet.rules}
        self.languages = [sheet for sheet in sheets if sheet.policy is not None]
        self.tracks: dict[str, list[tuple[Track, Policy]]] = {}
        for language in self.languages:
            tracks = [track for sheet in sheets if sheet.language == language.language for track in sheet.tracks]
            if language.policy is not None:
                self.tracks[language.language] = [(track, track.policy(language.policy)) for track in tracks]

    def wants(self, subject: Folder) -> bool:
        """Roots of packages, and the target itself."""
        return is_root(subject)

    def observe(self, subject: Folder) -> Iterator[Observation]:
        """The server, its handlers, and each flow from a parameter to where it acts."""
        for sheet in self.languages:
            left: list[str] = []
            texts = read_server(subject, sheet.suffixes, sheet.markers, left)
            if not texts or sheet.policy is None:
                continue
            registers = frozenset((*sheet.policy.entries.registrars, *sheet.policy.entries.decorators))
            modules = dict(_modules(texts, sheet.language, registers))
            for path in sorted(texts.keys() - modules.keys()):
                yield Coverage(
                    Outcome.SKIPPED, str(subject.at(path)), "source that does not parse, or is too large or deep"
                )
            follower = Follower(modules, sheet.policy)
            flows = follower.follow()
            if not follower.handlers:
                continue
            tracked, spent = self._tracked(sheet.language, texts, modules)
            yield from self._told(subject, sheet.language, follower, flows + tracked, texts)
            if spent or follower.spent or follower.too_deep:
                yield Coverage(
                    Outcome.SKIPPED,
                    str(subject.location),
                    "the program is too large or too deep to be followed to its end",
                )
            for path in left:
                yield Coverage(Outcome.SKIPPED, str(subject.at(path)), "larger than what is read of a program")

    def _tracked(
        self, language: str, texts: Mapping[str, str], modules: Mapping[str, tree.Module]
    ) -> tuple[list[Flow], bool]:
        """What else is followed, in programs that name it at all, and whether a limit ended it."""
        found: list[Flow] = []
        spent = False
        written = {path: module for path, module in modules.items() if not is_minified(texts[path])}
        for track, policy in self.tracks[language]:
            if all(any(compiled(each).search(texts[path]) for path in written) for each in track.triggers):
                follower = Follower(written, policy, TRACK_WORK)
                found += follower.follow()
                spent = spent or follower.spent
        return found, spent

    def _told(
        self, folder: Folder, language: str, follower: Follower, flows: list[Flow], texts: Mapping[str, str]
    ) -> Iterator[Observation]:
        first = min(file for file, _ in follower.handlers)
        handlers = sorted({name for name in follower.handlers.values() if name not in ("", "lambda")})
        asset = Asset(
            AssetKind.MCP_SERVER,
            server_name(folder) or first.rpartition("/")[2].rpartition(".")[0],
            folder.at(first),
            {"source": language, "handlers": handlers[:200]},
        )
        yield asset
        program = Program(asset, folder, texts, follower.links, is_contained(folder))
        yield from findings(program, self.rules, flows)


def _modules(texts: Mapping[str, str], language: str, registers: frozenset[str]) -> Iterator[tuple[str, tree.Module]]:
    read = _reader(language)
    for path, text in texts.items():
        module = read(path, text, registers)
        if module is not None:
            yield path, module


def _reader(language: str) -> Callable[[str, str, frozenset[str]], tree.Module | None]:
    """The front end of a language, imported when a server in it is met."""
    if language == "python":
        from bartizan.syntax.flow.python import read_python

        return read_python
    from bartizan.syntax.flow.script import read_script

    return read_script
