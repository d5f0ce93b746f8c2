"""The sensor: follows what strangers give to the tools of a server, through its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence, Finding
from bartizan.model.folder import Folder
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.code import CodeSheet, FlowRule
from bartizan.rules.library import Library
from bartizan.sensors.code.package import has_server, is_root, read_sources, server_name
from bartizan.syntax.flow import tree
from bartizan.syntax.flow.follower import Follower
from bartizan.syntax.flow.trail import Flow


class Servers:
    """Looks at each package that may hold the source of an MCP server."""

    kind = Folder

    def __init__(self, library: Library, settings: Settings) -> None:
        sheets = library.sheets(CodeSheet)
        self.rules: dict[str, FlowRule] = {rule.kind: rule for sheet in sheets for rule in sheet.rules}
        self.languages = [sheet for sheet in sheets if sheet.policy is not None]

    def wants(self, subject: Folder) -> bool:
        """Roots of packages, and the target itself."""
        return is_root(subject)

    def observe(self, subject: Folder) -> Iterator[Observation]:
        """The server, its handlers, and each flow from a parameter to where it acts."""
        for sheet in self.languages:
            left: list[str] = []
            texts = read_sources(subject, sheet.suffixes, left)
            if not texts or not has_server(texts, sheet.markers) or sheet.policy is None:
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
            yield from self._told(subject, sheet.language, follower, flows)
            if follower.spent or follower.too_deep:
                yield Coverage(
                    Outcome.SKIPPED,
                    str(subject.location),
                    "the program is too large or too deep to be followed to its end",
                )
            for path in left:
                yield Coverage(Outcome.SKIPPED, str(subject.at(path)), "larger than what is read of a program")

    def _told(self, folder: Folder, language: str, follower: Follower, flows: list[Flow]) -> Iterator[Observation]:
        first = min(file for file, _ in follower.handlers)
        handlers = sorted({name for name in follower.handlers.values() if name not in ("", "lambda")})
        asset = Asset(
            AssetKind.MCP_SERVER,
            server_name(folder) or first.rpartition("/")[2].rpartition(".")[0],
            folder.at(first),
            {"source": language, "handlers": handlers[:200]},
        )
        yield asset
        for flow in flows:
            rule = self.rules.get(flow.kind)
            if rule is not None:
                yield _finding(rule, asset, folder, flow)


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


def _finding(rule: FlowRule, asset: Asset, folder: Folder, flow: Flow) -> Finding:
    parameter = flow.taint.origin.rpartition(":")[2]
    steps = [f"{step.file}:{step.line}: {step.text}" for step in flow.taint.steps]
    steps.append(f"{flow.file}:{flow.line}: {flow.call}")
    start = flow.taint.steps[0] if flow.taint.steps else None
    severity: Severity = rule.severity
    if flow.how == "whole" and rule.whole is not None:
        severity = rule.whole
    for mark, weaker in (rule.weakened or {}).items():
        if mark in flow.marks:
            severity = weaker
    origin = f"{start.file}:{start.line}" if start else "a handler"
    return rule.finding(
        asset.id,
        folder.at(flow.file, flow.line),
        Evidence(
            "path",
            f"{parameter or 'a parameter'} of the handler at {origin} reaches {flow.call[:120]}",
            "\n".join(dict.fromkeys(steps)),
        ),
        severity=severity,
        proof=f"{flow.file}|{parameter}|{flow.call}",
    )
