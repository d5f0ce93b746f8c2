"""Runs a request from plan to result."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bartizan import __version__
from bartizan.engine.cluster import check_engine
from bartizan.engine.engine import Engine
from bartizan.model.acceptance import Acceptance
from bartizan.model.asset import Asset
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import StoreError
from bartizan.model.home import data_folder
from bartizan.model.inventory import Inventory
from bartizan.model.observation import Observation
from bartizan.model.path import Path
from bartizan.model.scan import Scan, Status, now
from bartizan.rules.library import Library
from bartizan.scan.pipeline import Progress, Run
from bartizan.scan.plan import Plan
from bartizan.scan.request import Request
from bartizan.scan.selection import covered
from bartizan.scan.worker import work
from bartizan.scope.ledger import Ledger
from bartizan.scope.target import Target, TargetKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of a request."""

    scan: Scan
    inventory: Inventory
    paths: tuple[Path, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    interrupted: bool = False


class Keeping:
    """A scan's rows in the store."""

    def __init__(self, store: Any, scan: Scan) -> None:
        self.store = store
        self.whole = scan
        self.scan = store.begin(scan)
        self.lost = ""

    def record(self, observations: list[Observation]) -> None:
        """See Recorder. A store that fails on the way is left alone from then on, and `lost` says why."""
        if not self.lost:
            try:
                self.store.record(self.scan, observations)
            except StoreError as error:
                self.lost = str(error)

    def asset(self, key: str) -> Asset | None:
        """See Recorder."""
        known: Asset | None = self.store.asset(key)
        return known

    def finish(self, status: Status, stats: dict[str, Any], paths: tuple[Path, ...]) -> Scan:
        """Note how the scan ended; one that is not wholly in the store has not ended there."""
        if not self.lost:
            try:
                ended: Scan = self.store.finish(self.scan, status, stats, paths=paths)
                return ended
            except StoreError as error:
                self.lost = str(error)
        return replace(self.whole, status=status, stats=stats, finished=now())

    def acceptances(self) -> tuple[Acceptance, ...]:
        """What was accepted, by anybody who uses this store."""
        return () if self.lost else tuple(self.store.acceptances())

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


class Forgetting:
    """`--no-store`: nothing is kept, and nothing was known."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.lost = ""

    def record(self, observations: list[Observation]) -> None:
        """See Recorder."""

    def asset(self, key: str) -> Asset | None:
        """See Recorder."""
        return None

    def finish(self, status: Status, stats: dict[str, Any], _paths: tuple[Path, ...]) -> Scan:
        """The scan as it ended."""
        return replace(self.scan, status=status, stats=stats, finished=now())

    def acceptances(self) -> tuple[Acceptance, ...]:
        """None: they live in the store."""
        return ()

    def close(self) -> None:
        """Nothing is open."""


def execute(request: Request, on_progress: Callable[[Progress], None], warn: Callable[[str], None]) -> Ended:
    """Plan, work, record, and say how it ended.

    Raises UsageError or ScopeError before anything is touched. After Ctrl-C what was found so far stands.
    """
    if request.engine:
        check_engine(request.engine)
    plan = request.plan()
    Library(request.settings.packs)
    scan = _scan(request, plan)
    recorder = _recorder(request, scan, warn)
    ledger = _ledger(request, plan, warn)
    run = Run(plan, Engine(work, request.engine, request.jobs), recorder, ledger, on_progress)
    done = False
    paths: tuple[Path, ...] = ()  # from the search for paths, once there is one
    try:
        run.execute()
        done = not run.interrupted
    finally:
        ledger.close()
        ended = recorder.finish(Status.DONE if done else Status.INTERRUPTED, statistics(run), paths)
        acceptances = recorder.acceptances()
        recorder.close()
    if recorder.lost:
        run.inventory.add([Coverage(Outcome.FAILED, "store", recorder.lost)])
    return Ended(scan=ended, inventory=run.inventory, paths=paths, acceptances=acceptances, interrupted=run.interrupted)


def statistics(run: Run) -> dict[str, Any]:
    """Counts of the run: subjects, bytes, network contacts, findings."""
    return {
        "subjects": run.progress.subjects,
        "bytes": run.progress.size,
        "requests": run.requests,
        "assets": len(run.inventory.assets),
        "findings": len(run.inventory.findings),
        "checked": dict(sorted(run.inventory.checked.items())),
    }


def _ledger(request: Request, plan: Plan, warn: Callable[[str], None]) -> Ledger:
    """The record of contacts, ready before the first of them.

    Without a scope file only this machine is touched, and a record that cannot be kept is said and done without.
    """
    if request.no_store:
        return Ledger(None)
    ledger = Ledger(data_folder() / "ledger.jsonl")
    if all(target.kind in (TargetKind.PATH, TargetKind.STDIN) for target in plan.targets):
        return ledger
    try:
        ledger.open()
    except StoreError as error:
        if plan.order.authorisation:
            raise
        warn(error.what)
        return Ledger(None)
    return ledger


def _scan(request: Request, plan: Plan) -> Scan:
    authorisation = plan.order.authorisation
    machine = platform.node()
    return Scan(
        version=__version__,
        targets=tuple(target.text for target in plan.targets),
        roots=tuple(_root(machine, target) for target in plan.targets),
        domains=covered(plan.order.sensors) if request.only or request.skip else (),
        scope=authorisation.summary() if authorisation else None,
    )


def _root(machine: str, target: Target) -> str:
    """What tells this target from an equally named one elsewhere; what is piped in has no place of its own."""
    return f"{machine}:{target.path}" if target.is_local and target.text != "-" else target.text


def _recorder(request: Request, scan: Scan, warn: Callable[[str], None]) -> Keeping | Forgetting:
    """The store asked for; this user's own by default, and where that cannot be used, none, said so."""
    if request.no_store:
        return Forgetting(scan)
    from bartizan.store.store import open_store

    try:
        return Keeping(open_store(request.store), scan)
    except StoreError as error:
        if request.store is not None:
            raise
        warn(f"nothing will be kept: {error}")
        return Forgetting(scan)
