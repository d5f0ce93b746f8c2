"""Turns what a person asked for into batches."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import UsageError
from bartizan.scan.order import Order
from bartizan.scan.worker import load
from bartizan.scope.guard import Guard
from bartizan.scope.listing import Tally, check_list, open_list
from bartizan.scope.target import Target, TargetKind, parse_target
from bartizan.sources.registry import OPENERS, SOURCES
from bartizan.sources.source import Batch


@dataclass(frozen=True, slots=True)
class Plan:
    """Checked targets, and what was wrong with the others."""

    order: Order
    targets: tuple[Target, ...]
    gaps: tuple[Coverage, ...] = ()

    def batches(self) -> Iterator[Batch | Coverage]:
        """Every target's batches, lazily."""
        guard = Guard(self.order.authorisation)
        sources = {}
        for target in self.targets:
            names = [self._opener(target)]
            if self.order.settings.run_stdio_servers and "mcp/servers" in self.order.sensors:
                names.append("stdio")
            for name in names:
                if name not in sources:
                    sources[name] = load(SOURCES[name])(self.order.settings, guard)
                yield from sources[name].batches(target)

    def _opener(self, target: Target) -> str:
        """The source for the target: of a path in a repository perhaps only the changes."""
        settings = self.order.settings
        if target.kind is TargetKind.PATH and (settings.staged or settings.since):
            return "changes"
        return OPENERS[target.kind]


def make_plan(order: Order, texts: Sequence[str], lists: Sequence[str] = ()) -> Plan:
    """Parse and check the targets and every line of the lists; neither means this folder and this machine.

    Raises ScopeError when any of them lies outside the scope, before anything is opened; UsageError when none can
    be used. A target that cannot be used beside others that can is reported and left out.
    """
    targets: list[Target] = []
    gaps: list[Coverage] = []
    for text in texts:
        try:
            targets.append(parse_target(text))
        except UsageError as error:
            if len(texts) == 1 and not lists:
                raise
            gaps.append(Coverage(Outcome.FAILED, text, error.what.removeprefix(f"{text}: ")))
    if not texts and not lists:
        targets = [parse_target(".")]
        if not order.settings.staged and not order.settings.since:
            targets.append(Target(TargetKind.MACHINE, "this machine"))
    if sum(target.kind is TargetKind.STDIN for target in targets) + sum(name == "-" for name in lists) > 1:
        raise UsageError("standard input can be read only once")
    guard = Guard(order.authorisation)
    for target in targets:
        guard.admit(target)
    if lists and (order.settings.staged or order.settings.since):
        raise UsageError("--staged and --since take no list of targets")
    _check_changes(order, targets)
    listed = list(_listed(lists, guard, sum(target.kind is TargetKind.PATH for target in targets)))
    if not targets and not listed:
        raise UsageError(f"none of the targets can be used: {gaps[0].target}: {gaps[0].reason}")
    return Plan(order, (*_labelled(targets, more=any(target.label for target in listed)), *listed), tuple(gaps))


def _check_changes(order: Order, targets: Iterable[Target]) -> None:
    """Raise UsageError when changes are asked for of something that has none."""
    settings = order.settings
    if not settings.staged and not settings.since:
        return
    if settings.staged and settings.since:
        raise UsageError("--staged and --since exclude each other")
    source = load(SOURCES["changes"])(settings, Guard(order.authorisation))
    for target in targets:
        if target.kind is not TargetKind.PATH:
            raise UsageError(f"{target.text}: --staged and --since are for files and folders")
        source.check(target)


def _listed(lists: Iterable[str], guard: Guard, paths: int) -> Iterator[Target]:
    """The lists, each with a label when there are several paths in all. Raises UsageError for one without targets."""
    tallied: list[tuple[Target, Tally]] = []
    for name in lists:
        target = open_list(name)
        tally = check_list(target, guard)
        if not tally.usable:
            raise UsageError(f"{name}: names no target" + (f": {tally.flaw}" if tally.flaw else ""))
        tallied.append((target, tally))
    several = paths + sum(tally.paths for _, tally in tallied) > 1
    for target, tally in tallied:
        yield replace(target, label=target.text) if several and tally.paths else target


def _outermost(targets: Iterable[Target]) -> list[Target]:
    """Without the paths that are looked at anyway: one named twice, or below another that is named.

    What lies in a `.git` is not walked, and stays.
    """
    kept: dict[str, Target] = {}
    for target in targets:
        key = f"{target.kind}:{target.text}" if target.kind is not TargetKind.PATH else os.path.realpath(target.path)
        kept.setdefault(key, target)
    return [
        target
        for key, target in kept.items()
        if target.kind is not TargetKind.PATH or not any(_holds(other, key) for other in kept if other != key)
    ]


def _holds(folder: str, path: str) -> bool:
    if not path.startswith(folder.rstrip(os.sep) + os.sep):
        return False
    return ".git" not in path[len(folder) :].split(os.sep)


def _labelled(targets: Iterable[Target], *, more: bool = False) -> Iterator[Target]:
    """Give each of several paths a label, so that equal relative paths stay apart."""
    unique = _outermost(dict.fromkeys(targets))
    paths = [target for target in unique if target.kind is TargetKind.PATH]
    names = Counter(os.path.basename(target.path) for target in paths)
    taken: Counter[str] = Counter()
    for target in unique:
        if target.kind is not TargetKind.PATH or (len(paths) == 1 and not more):
            yield target
            continue
        name = os.path.basename(target.path)
        taken[name] += 1
        yield replace(target, label=f"{name}#{taken[name]}" if names[name] > 1 else name)
