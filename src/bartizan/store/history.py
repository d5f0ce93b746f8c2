"""Reads back what scans saw, one scan or the state after all of them."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, select

from bartizan.model.asset import Asset
from bartizan.model.coverage import Coverage
from bartizan.model.finding import Finding
from bartizan.model.inventory import Inventory
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.scan import Scan, Status
from bartizan.store.codec import decode
from bartizan.store.recording import ASSET, FINDING, RELATION
from bartizan.store.rows import among
from bartizan.store.schema import ASSETS, CHECKED, FINDINGS, GAPS, RELATIONS, SCANS, SIGHTINGS, VERSIONS

Chosen = Mapping[int, frozenset[str]]
"""Scans by number, oldest first, each with the domains whose findings a later scan has superseded."""

Content = TypeVar("Content", Asset, Finding)


def current_scans(connection: Connection) -> dict[int, frozenset[str]]:
    """The scans that make up the present state, by number, oldest first.

    For each series the newest finished scan of everything counts. So do the later ones that broke off (they add,
    but their silence says nothing) and those of some domains only, whose silence ends older findings of these.
    """
    chosen: dict[int, frozenset[str]] = {}
    superseded: dict[str, set[str]] = {}
    closed: set[str] = set()
    rows = connection.execute(select(SCANS.c.number, SCANS.c.series, SCANS.c.body).order_by(SCANS.c.number.desc()))
    for number, series, body in rows:
        if series in closed:
            continue
        scan = decode(body, Scan)
        gone = superseded.setdefault(series, set())
        chosen[number] = frozenset(gone)
        if scan.status is Status.DONE:
            gone.update(scan.domains)
            if not scan.domains:
                closed.add(series)
    return dict(sorted(chosen.items()))


@contextmanager
def _without_collection() -> Iterator[None]:
    """Decoding makes very many objects and no garbage: looking for some would take as long as the decoding."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_without_collection()
def read_inventory(connection: Connection, chosen: Chosen) -> Inventory:
    """The union of what the scans saw; what several saw is as the last of them saw it."""
    inventory = Inventory()
    for number, superseded in chosen.items():
        inventory.assets.update(_versions(connection, number, ASSET, Asset))
        inventory.relations.update(_relations(connection, number))
        inventory.findings.update(
            (key, finding)
            for key, finding in _versions(connection, number, FINDING, Finding)
            if finding.rule.partition("/")[0] not in superseded
        )
        for body in connection.execute(select(GAPS.c.body).where(GAPS.c.scan == number)).scalars():
            inventory.gaps[decode(body, Coverage)] = None
        checked = select(CHECKED.c.sensor, CHECKED.c.count).where(CHECKED.c.scan == number)
        for sensor, count in connection.execute(checked):
            inventory.checked[sensor] = max(count, inventory.checked.get(sensor, 0))
    return inventory


def read_seen(connection: Connection, keys: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Id, first and last time of the assets and findings with these ids."""
    wanted = set(keys)
    for table in (ASSETS, FINDINGS):
        rows = select(table.c.id, table.c.first_seen, table.c.last_seen)
        yield from ((row.id, row.first_seen, row.last_seen) for row in among(connection, rows, table.c.id, wanted))


def _versions(connection: Connection, scan: int, kind: int, type_: type[Content]) -> Iterator[tuple[str, Content]]:
    table = ASSETS if kind == ASSET else FINDINGS
    rows = select(table.c.id, VERSIONS.c.body).select_from(SIGHTINGS)
    rows = rows.join(table, table.c.number == SIGHTINGS.c.number)
    rows = rows.join(VERSIONS, VERSIONS.c.number == SIGHTINGS.c.version)
    for key, body in connection.execute(rows.where(SIGHTINGS.c.scan == scan, SIGHTINGS.c.kind == kind)):
        yield key, decode(body, type_)


def _relations(connection: Connection, scan: int) -> Iterator[tuple[str, Relation]]:
    rows = select(RELATIONS.c.id, RELATIONS.c.kind, RELATIONS.c.source, RELATIONS.c.target)
    rows = rows.join(SIGHTINGS, SIGHTINGS.c.number == RELATIONS.c.number)
    rows = rows.where(SIGHTINGS.c.scan == scan, SIGHTINGS.c.kind == RELATION)
    for key, kind, source, target in connection.execute(rows):
        yield key, Relation(RelationKind(kind), source, target)
