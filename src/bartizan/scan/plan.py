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


def make_plan(order: Order, texts: Sequence[str]) -> Plan:
    """Parse and check the targets; none means this folder and this machine.

    Raises ScopeError when any of them lies outside the scope, before anything is opened; UsageError when none can
    be used. A target that cannot be used beside others that can is reported and left out.
    """
    targets: list[Target] = []
    gaps: list[Coverage] = []
    for text in texts:
        try:
            targets.append(parse_target(text))
        except UsageError as error:
            if len(texts) == 1:
                raise
            gaps.append(Coverage(Outcome.FAILED, text, error.what.removeprefix(f"{text}: ")))
    if not texts:
        targets = [parse_target(".")]
        if not order.settings.staged and not order.settings.since:
            targets.append(Target(TargetKind.MACHINE, "this machine"))
    if not targets:
        raise UsageError(f"none of the targets can be used: {gaps[0].target}: {gaps[0].reason}")
    guard = Guard(order.authorisation)
    for target in targets:
        guard.admit(target)
    return Plan(order, tuple(_labelled(targets)), tuple(gaps))


def _labelled(targets: Iterable[Target]) -> Iterator[Target]:
    """Give each of several paths a label, so that equal relative paths stay apart."""
    unique = list(dict.fromkeys(targets))
    paths = [target for target in unique if target.kind is TargetKind.PATH]
    names = Counter(os.path.basename(target.path) for target in paths)
    taken: Counter[str] = Counter()
    for target in unique:
        if target.kind is not TargetKind.PATH or len(paths) == 1:
            yield target
            continue
        name = os.path.basename(target.path)
        taken[name] += 1
        yield replace(target, label=f"{name}#{taken[name]}" if names[name] > 1 else name)
