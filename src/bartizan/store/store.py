"""What was seen, when first and when last, and what somebody decided about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import TracebackType
from typing import Any, TypeVar

from msgspec import convert
from sqlalchemy import Table, delete, select, update

from bartizan.model.acceptance import Acceptance
from bartizan.model.asset import Asset
from bartizan.model.errors import StoreError
from bartizan.model.finding import Finding
from bartizan.model.inventory import Inventory
from bartizan.model.observation import Observation
from bartizan.model.path import Path
from bartizan.model.scan import Scan, Status, now
from bartizan.store.address import default_url
from bartizan.store.codec import decode, encode
from bartizan.store.database import Database
from bartizan.store.history import current_scans, read_inventory, read_seen
from bartizan.store.recording import record
from bartizan.store.rows import next_number, upsert
from bartizan.store.schema import ACCEPTANCES, ASSETS, FINDINGS, PATHS, SCANS, VERSIONS

Content = TypeVar("Content", Asset, Finding)

_ACCEPTANCE = [str(column.name) for column in ACCEPTANCES.c]


@dataclass(frozen=True, slots=True)
class Seen:
    """When something was seen first and last: ISO 8601, UTC."""

    first: str
    last: str


def open_store(url: str | None = None, *, create: bool = True) -> Store:
    """The store at that address (default: this user's), brought up to date and, unless told otherwise, created.

    Raises StoreError, in one line, for anything that cannot be used.
    """
    return Store(Database(default_url() if url is None else url, create=create))


class Store:
    """The inventory of all scans. One object serves one process; many may use the same database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._numbers: dict[str, int] = {}
        self._began: set[int] = set()

    @property
    def name(self) -> str:
        """The address as it may be printed."""
        return self._database.name

    def begin(self, scan: Scan) -> str:
        """Note that a scan begins; return its id. Beginning it again goes on with it."""
        with self._database.writing() as connection:
            known = connection.execute(select(SCANS.c.number).where(SCANS.c.id == scan.id)).scalar()
            number = next_number(connection, SCANS) if known is None else known
            row = {"number": number, "id": scan.id, "series": scan.series, "started": scan.started.isoformat()}
            upsert(connection, SCANS, [{**row, "status": scan.status.value, "body": encode(scan)}])
        self._numbers[scan.id] = number
        self._began.add(number)
        return scan.id

    def record(self, scan: str, observations: Iterable[Observation]) -> None:
        """Add what was seen; it outlives this process once the call returns.

        Saying it again changes nothing, except that a `checked` is counted each time.
        """
        number = self._number(scan)
        with self._database.writing() as connection:
            record(connection, number, observations, now().isoformat())

    def finish(
        self, scan: str, status: Status, stats: Mapping[str, Any] | None = None, paths: Iterable[Path] = ()
    ) -> Scan:
        """Note how a scan ended, and the ways an attacker can go that it found."""
        number = self._number(scan)
        with self._database.writing() as connection:
            body = connection.execute(select(SCANS.c.body).where(SCANS.c.number == number)).scalar_one()
            done = replace(decode(body, Scan), status=status, finished=now(), stats=dict(stats or {}))
            finished = done.finished.isoformat() if done.finished else None
            row = {"status": status.value, "finished": finished, "body": encode(done)}
            connection.execute(update(SCANS).where(SCANS.c.number == number).values(row))
            connection.execute(delete(PATHS).where(PATHS.c.scan == number))
            upsert(connection, PATHS, [{"scan": number, "id": path.id, "body": encode(path)} for path in paths])
        return done

    def scans(self) -> list[Scan]:
        """Every scan, the newest first."""
        with self._database.reading() as connection:
            bodies = connection.execute(select(SCANS.c.body).order_by(SCANS.c.number.desc())).scalars()
            return [decode(body, Scan) for body in bodies]

    def scan(self, prefix: str) -> Scan:
        """The one scan whose id begins so. Raises StoreError when there is none or more than one."""
        matching = [scan for scan in self.scans() if scan.id.startswith(prefix)]
        if len(matching) != 1:
            raise StoreError(f"{'more than one' if matching else 'no'} scan {prefix!r} in the store {self.name}")
        return matching[0]

    def current(self) -> list[Scan]:
        """The scans that make up the present state (see `inventory`), the newest first."""
        with self._database.reading() as connection:
            numbers = list(current_scans(connection))
            bodies = select(SCANS.c.body).where(SCANS.c.number.in_(numbers)).order_by(SCANS.c.number.desc())
            return [decode(body, Scan) for body in connection.execute(bodies).scalars()]

    def inventory(self, scan: str | None = None) -> Inventory:
        """What one scan saw; without a scan, the state of all that was ever scanned.

        The state is what the last finished scan of each group of targets saw, and what later ones that broke off
        or looked for less have added. What a later scan of the same targets no longer saw is gone.
        """
        number = None if scan is None else self._number(scan)
        with self._database.reading() as connection:
            return read_inventory(connection, current_scans(connection) if number is None else {number: frozenset()})

    def paths(self, scan: str | None = None) -> list[Path]:
        """The ways an attacker can go, the worst first: those of one scan, or of the current state."""
        number = None if scan is None else self._number(scan)
        with self._database.reading() as connection:
            chosen = list(current_scans(connection)) if number is None else [number]
            rows = connection.execute(select(PATHS.c.id, PATHS.c.body).where(PATHS.c.scan.in_(chosen)))
            found = {key: decode(body, Path) for key, body in rows}
        return sorted(found.values(), key=lambda path: (-path.risk, path.id))

    def asset(self, key: str) -> Asset | None:
        """The asset with that id as last seen, by any scan but those that this object has begun itself.

        So a running scan learns what was known before it, whether or not it has recorded its own view.
        """
        return self._last(ASSETS, key, Asset)

    def finding(self, key: str) -> Finding | None:
        """The finding with that id as last seen, likewise."""
        return self._last(FINDINGS, key, Finding)

    def _last(self, table: Table, key: str, kind: type[Content]) -> Content | None:
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(table.c.id == key)).mappings().first()
            version = row and (row["prior"] if row["last_scan"] in self._began else row["version"])
            if version is None:
                return None
            body = connection.execute(select(VERSIONS.c.body).where(VERSIONS.c.number == version)).scalar_one()
            return decode(body, kind)

    def ids(self, kind: type[Asset] | type[Finding], prefix: str) -> list[str]:
        """Full ids that begin so, of assets or of findings that were ever seen."""
        table = ASSETS if kind is Asset else FINDINGS
        query = select(table.c.id).where(table.c.id.startswith(prefix, autoescape=True)).order_by(table.c.id)
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def seen(self, keys: Iterable[str]) -> dict[str, Seen]:
        """When assets and findings were seen first and last, by id; unknown ids are left out."""
        with self._database.reading() as connection:
            return {key: Seen(first, last) for key, first, last in read_seen(connection, keys)}

    def accept(self, finding: str, reason: str, until: date | None = None, by: str = "") -> Acceptance:
        """Accept a finding by its full id; an earlier acceptance of it is replaced."""
        accepted = Acceptance(finding=finding, reason=reason, by=by, until=until)
        end = until.isoformat() if until else None
        row = {"finding": finding, "reason": reason, "by": by, "until": end, "made": accepted.made.isoformat()}
        with self._database.writing() as connection:
            upsert(connection, ACCEPTANCES, [row])
        return accepted

    def withdraw(self, finding: str) -> bool:
        """Take an acceptance back; False when there was none."""
        with self._database.writing() as connection:
            return connection.execute(delete(ACCEPTANCES).where(ACCEPTANCES.c.finding == finding)).rowcount > 0

    def acceptances(self) -> list[Acceptance]:
        """Every acceptance, expired ones included, in the order of findings."""
        with self._database.reading() as connection:
            rows = connection.execute(select(ACCEPTANCES).order_by(ACCEPTANCES.c.finding))
            return [convert(dict(zip(_ACCEPTANCE, row, strict=True)), Acceptance) for row in rows]

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _number(self, scan: str) -> int:
        if scan not in self._numbers:
            with self._database.reading() as connection:
                number = connection.execute(select(SCANS.c.number).where(SCANS.c.id == scan)).scalar()
            if number is None:
                raise StoreError(f"no scan {scan!r} in the store {self.name}")
            self._numbers[scan] = number
        return self._numbers[scan]
