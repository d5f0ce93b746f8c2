"""What is said of the flows of one program: how bad each is, where it stands, and which are one weakness."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bartizan.model.asset import Asset
from bartizan.model.finding import Evidence, Finding
from bartizan.model.folder import Folder
from bartizan.model.severity import Severity
from bartizan.rules.code import FlowRule
from bartizan.syntax.flow.checks import AT
from bartizan.syntax.flow.trail import Flow
from bartizan.syntax.pattern import compiled


@dataclass(frozen=True, slots=True)
class Program:
    """One server's source: its texts by path, which file imports which, and whether a recipe for a container lies
    beside it.
    """

    asset: Asset
    folder: Folder
    texts: Mapping[str, str]
    links: Collection[tuple[str, str]]
    contained: bool

    def says(self, pattern: str, file: str) -> bool:
        """Whether the file, or one that imports tie to it, fits the pattern."""
        return any(compiled(pattern).search(self.texts[path]) for path in self._tied(file) if path in self.texts)

    def _tied(self, file: str) -> set[str]:
        near: dict[str, set[str]] = {}
        for one, two in self.links:
            near.setdefault(one, set()).add(two)
            near.setdefault(two, set()).add(one)
        found, pending = {file}, [file]
        while pending:
            fresh = near.get(pending.pop(), set()) - found
            found |= fresh
            pending += fresh
        return found


def findings(program: Program, rules: Mapping[str, FlowRule], flows: Iterable[Flow]) -> Iterator[Finding]:
    """A finding for each flow that a rule means. Flows that one incomplete check lets through are one, at the check."""
    checked: dict[str, list[Flow]] = {}
    for flow in sorted(flows, key=lambda each: (each.file, each.line, each.kind)):
        rule = rules.get(flow.kind)
        if rule is None or not _meant(program, rule, flow.file):
            continue
        check = next((mark for mark in sorted(flow.marks) if mark.startswith(AT)), "")
        if check:
            checked.setdefault(check, []).append(flow)
        else:
            yield _finding(program, rule, flow)
    for check, group in checked.items():
        file, _, line = check.removeprefix(AT).rpartition(":")
        yield _finding(program, rules[group[0].kind], group[0], (file, int(line)), len(group))


def _meant(program: Program, rule: FlowRule, file: str) -> bool:
    if rule.needs and not program.says(rule.needs, file):
        return False
    return not (rule.unless and program.says(rule.unless, file))


def _finding(
    program: Program, rule: FlowRule, flow: Flow, check: tuple[str, int] | None = None, number: int = 1
) -> Finding:
    file, line = check or (flow.file, flow.line)
    name, summary, detail = _told(flow)
    if check is not None:
        summary = f"a check that compares a beginning lets {number} flows through, such as: {summary}"
    return rule.finding(
        program.asset.id,
        program.folder.at(file, line),
        Evidence("path", summary, detail),
        severity=_severity(program, rule, flow),
        proof=f"{file}|{name}|{'' if check else flow.call}",
    )


def _told(flow: Flow) -> tuple[str, str, str]:
    """What is followed, in one sentence, and step by step."""
    here = f"{flow.file}:{flow.line}: {flow.call}"
    if flow.taint is None:
        return "", flow.call[:160], here
    name = flow.taint.origin.rpartition(":")[2]
    steps = [f"{step.file}:{step.line}: {step.text}" for step in flow.taint.steps]
    start = flow.taint.steps[0] if flow.taint.steps else None
    origin = f"{start.file}:{start.line}" if start else "a handler"
    summary = f"{name or 'a parameter'} of the handler at {origin} reaches {flow.call[:120]}"
    if flow.taint.followed:
        summary = f"{name} at {origin} reaches {flow.call[:120]}"
    return name, summary, "\n".join(dict.fromkeys([*steps, here]))


def _severity(program: Program, rule: FlowRule, flow: Flow) -> Severity:
    severity: Severity = rule.severity
    if flow.how == "whole" and rule.whole is not None:
        severity = rule.whole
    for mark, weaker in (rule.weakened or {}).items():
        if mark in flow.marks:
            severity = weaker
    if program.contained and rule.contained is not None:
        severity = rule.contained
    return severity
