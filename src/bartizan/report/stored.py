"""Results made from the store, long after the scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from bartizan.model.errors import StoreError
from bartizan.model.identity import digest
from bartizan.model.rule import Rule
from bartizan.model.scan import Scan
from bartizan.report.result import Result, make_result
from bartizan.store.store import Store
from bartizan.triage.baseline import Baseline
from bartizan.triage.ranking import Ranked


def result_of(
    store: Store,
    scan: str = "",
    *,
    baseline: Baseline | None = None,
    rules: Mapping[str, Rule] | None = None,
) -> Result:
    """The result of one scan (`last`, or the beginning of its id), or by default the present state of all.

    Raises StoreError for an unknown scan, and for a store that holds none.
    """
    scans = store.scans()
    if not scans:
        raise StoreError(f"the store {store.name} holds no scan yet")
    run = (scans[0] if scan == "last" else store.scan(scan)) if scan else None
    return make_result(
        run or _state(store.current()),
        store.inventory(run.id if run else None),
        paths=store.paths(run.id if run else None),
        acceptances=store.acceptances(),
        baseline=baseline,
        rules=rules,
    )


def _state(scans: list[Scan]) -> Scan:
    """One description for several scans: the newest one's, with the targets of all."""
    targets = tuple(sorted({target for scan in scans for target in scan.targets}))
    if len(scans) == 1:
        return scans[0]
    return replace(scans[0], id=digest("state", *sorted(scan.id for scan in scans)), targets=targets, stats={})


def narrowed(result: Result, keep: Callable[[Ranked], bool]) -> Result:
    """The same result with only some of its findings."""
    kept = {entry.id: entry.finding for entry in result.findings if keep(entry)}
    inventory = replace(result.inventory, findings=kept)
    shown = tuple(entry for entry in result.findings if entry.id in kept)
    return replace(result, inventory=inventory, findings=shown)
