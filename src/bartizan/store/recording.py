"""Writes what a batch of observations says, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, select

from bartizan.model.asset import Asset
from bartizan.model.finding import Finding
from bartizan.model.identity import digest
from bartizan.model.inventory import Inventory
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation
from bartizan.store.codec import decode, encode
from bartizan.store.rows import among, insert, next_number, run, upsert
from bartizan.store.schema import ASSETS, CHECKED, FINDINGS, GAPS, RELATIONS, SIGHTINGS, VERSIONS

Rows = list[dict[str, Any]]

ASSET, RELATION, FINDING = range(3)


def record(connection: Connection, scan: int, observations: Iterable[Observation], moment: str) -> None:
    """Add the observations to a scan, folded with what it saw under the same ids before."""
    batch = Inventory()
    batch.add(observations)
    versions = _Versions(connection, scan)
    versioned: tuple[tuple[Table, int, dict[str, Any]], ...]
    versioned = ((ASSETS, ASSET, batch.assets), (FINDINGS, FINDING, batch.findings))
    for table, kind, contents in versioned:
        known = _known(connection, table, contents)
        versions.load(kind, known)
        rows = _Rows(connection, table, scan, moment)
        for key in sorted(contents):
            version = versions.settle(contents[key], known.get(key))
            rows.see(key, known.get(key), version, _columns(contents[key]))
        rows.write(kind)
    rows = _Rows(connection, RELATIONS, scan, moment)
    known = _known(connection, RELATIONS, batch.relations)
    for key in sorted(batch.relations):
        rows.see(key, known.get(key), None, _columns(batch.relations[key]))
    rows.write(RELATION)
    versions.write()
    gaps = sorted((digest("gap", gap.outcome, gap.target, gap.sensor, gap.reason), encode(gap)) for gap in batch.gaps)
    upsert(connection, GAPS, [{"scan": scan, "id": key, "body": body} for key, body in gaps])
    _count_checked(connection, scan, batch.checked)


def _known(connection: Connection, table: Table, keys: Iterable[str]) -> dict[str, Row[Any]]:
    versioned = (table.c.version, table.c.prior) if "version" in table.c else ()
    query = select(table.c.id, table.c.number, table.c.last_scan, *versioned)
    return {row.id: row for row in among(connection, query, table.c.id, list(keys))}


def _columns(content: Asset | Relation | Finding) -> dict[str, Any]:
    """What is worth a column of its own, for people who ask the database."""
    match content:
        case Asset():
            return {"kind": content.kind.value, "name": _plain(content.name)}
        case Relation():
            return {"kind": content.kind.value, "source": content.source, "target": content.target}
        case Finding():
            return {"rule": content.rule, "severity": content.severity.value, "asset": content.asset}


def _plain(text: str) -> str:
    """Text that every database takes: without NUL and lone surrogates (the version keeps them, escaped)."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


class _Versions:
    """The wordings of a batch: the known ones, and those to be written."""

    def __init__(self, connection: Connection, scan: int) -> None:
        self._connection, self._scan = connection, scan
        self._next = next_number(connection, VERSIONS)
        self._latest: dict[int, Row[Any]] = {}
        self._own: dict[int, str] = {}
        self._new: Rows = []
        self._renewed: Rows = []

    def load(self, kind: int, known: Mapping[str, Row[Any]]) -> None:
        """Fetch how the known rows were seen last, and how this scan itself saw them."""
        bodies = select(VERSIONS.c.number, VERSIONS.c.scan, VERSIONS.c.body)
        wanted = [row.version for row in known.values()]
        self._latest = {row.number: row for row in among(self._connection, bodies, VERSIONS.c.number, wanted)}
        own = select(SIGHTINGS.c.number, VERSIONS.c.body).join(VERSIONS, VERSIONS.c.number == SIGHTINGS.c.version)
        own = own.where(SIGHTINGS.c.scan == self._scan, SIGHTINGS.c.kind == kind)
        numbers = [row.number for row in known.values()]
        self._own = {row.number: row.body for row in among(self._connection, own, SIGHTINGS.c.number, numbers)}

    def settle(self, content: Any, row: Row[Any] | None) -> int:
        """The number of the version that holds the content, folded with what this scan saw before."""
        if row is None:
            return self._add(encode(content))
        if row.number in self._own:
            content = decode(self._own[row.number], type(content)).merged(content)
        body, latest = encode(content), self._latest[row.version]
        if body == latest.body:
            return int(latest.number)
        if latest.scan == row.last_scan == self._scan:  # nobody else refers to it
            self._renewed.append({"its": latest.number, "body": body})
            return int(latest.number)
        return self._add(body)

    def write(self) -> None:
        """Insert the new ones, and replace those that grew."""
        run(self._connection, insert(self._connection, VERSIONS), self._new)
        run(self._connection, VERSIONS.update().where(VERSIONS.c.number == bindparam("its")), self._renewed)

    def _add(self, body: str) -> int:
        self._new.append({"number": self._next, "scan": self._scan, "body": body})
        self._next += 1
        return self._next - 1


@dataclass(slots=True)
class _Rows:
    """Rows of one table: first times stay, last times move on."""

    connection: Connection
    table: Table
    scan: int
    moment: str
    _new: Rows = field(default_factory=list)
    _again: Rows = field(default_factory=list)
    _sightings: Rows = field(default_factory=list)

    def see(self, key: str, row: Row[Any] | None, version: int | None, columns: dict[str, Any]) -> None:
        """Note one row; its `prior` version is the one that another scan saw last."""
        seen = {**columns, "last_seen": self.moment, "last_scan": self.scan}
        if row is None:
            number = len(self._new)  # counted from the first free one when written
            prior = None
            self._new.append({"id": key, "number": number, "first_seen": self.moment, "first_scan": self.scan, **seen})
        else:
            number = row.number
            prior = None if version is None else row.prior if row.last_scan == self.scan else row.version
            self._again.append({"its": number, **seen})
        if version is not None:
            (self._again if row else self._new)[-1].update(version=version, prior=prior)
        self._sightings.append({"scan": self.scan, "number": number, "version": version, "fresh": row is None})

    def write(self, kind: int) -> None:
        """Insert, update, and note the sightings."""
        first = next_number(self.connection, self.table)
        for row in self._new:
            row["number"] += first
        run(self.connection, insert(self.connection, self.table), self._new)
        run(self.connection, self.table.update().where(self.table.c.number == bindparam("its")), self._again)
        for row in self._sightings:
            row["number"] += first if row.pop("fresh") else 0
            row["kind"] = kind
        upsert(self.connection, SIGHTINGS, self._sightings)


def _count_checked(connection: Connection, scan: int, checked: Mapping[str, int]) -> None:
    statement = insert(connection, CHECKED)
    more = {"count": CHECKED.c.count + statement.excluded["count"]}
    rows = [{"scan": scan, "sensor": sensor, "count": count} for sensor, count in sorted(checked.items())]
    run(connection, statement.on_conflict_do_update(index_elements=["scan", "sensor"], set_=more), rows)
