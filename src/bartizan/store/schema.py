"""The tables.

What was seen has one row for each id (`assets`, `relations`, `findings`), with when it was seen first and last. Its
content stands once for each wording in `versions`, as the JSON of the dataclass; `sightings` says which scan saw
what in which version. So an unchanged finding costs a later scan one narrow row. Rows are joined by number and not
by id: ids are random, and each index on them costs a write all over the file.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, Integer, MetaData, SmallInteger, String, Table, Text

REVISION = "0001"
"""The newest migration: the state that `METADATA` describes."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
MARK = Table("bartizan_schema", MetaData(), Column("version_num", String(32), primary_key=True))
"""Where the migrations note the state of a store; also how a store is recognised."""

_ID = String(32)
_TIME = String(32)
"""ISO 8601 in UTC."""


def _number() -> Column[Any]:
    """Given by us, counting up: there is one writer at a time."""
    return Column("number", Integer, primary_key=True, autoincrement=False)


def _seen(*columns: Column[Any]) -> tuple[Column[Any], ...]:
    """A row of what scans see again. Scans and versions are given by number."""
    return (
        _number(),
        Column("id", _ID, nullable=False, unique=True),
        *columns,
        Column("first_seen", _TIME, nullable=False),
        Column("first_scan", Integer, nullable=False),
        Column("last_seen", _TIME, nullable=False),
        Column("last_scan", Integer, nullable=False),
    )


def _versions() -> tuple[Column[Any], ...]:
    """`version` is how the last scan saw it, `prior` how the scan before that did."""
    return Column("version", Integer, nullable=False), Column("prior", Integer)


SCANS = Table(
    "scans",
    METADATA,
    _number(),
    Column("id", _ID, nullable=False, unique=True),
    Column("series", _ID, nullable=False),
    Column("started", _TIME, nullable=False),
    Column("finished", _TIME),
    Column("status", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "series"),
)
VERSIONS = Table(
    "versions", METADATA, _number(), Column("scan", Integer, nullable=False), Column("body", Text, nullable=False)
)
"""`scan` is the one that wrote it."""
ASSETS = Table(
    "assets",
    METADATA,
    *_seen(Column("kind", String(32), nullable=False), Column("name", Text, nullable=False), *_versions()),
)
RELATIONS = Table(
    "relations",
    METADATA,
    *_seen(
        Column("kind", String(32), nullable=False),
        Column("source", _ID, nullable=False),
        Column("target", _ID, nullable=False),
    ),
)
FINDINGS = Table(
    "findings",
    METADATA,
    *_seen(
        Column("rule", Text, nullable=False),
        Column("severity", String(16), nullable=False),
        Column("asset", _ID, nullable=False),
        *_versions(),
    ),
)
SIGHTINGS = Table(
    "sightings",
    METADATA,
    Column("scan", Integer, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer),
    sqlite_with_rowid=False,
)
"""`kind` is 0 for assets, 1 for relations (which have no version: they are their row), 2 for findings."""
GAPS = Table(
    "gaps",
    METADATA,
    Column("scan", Integer, primary_key=True, autoincrement=False),
    Column("id", _ID, primary_key=True),
    Column("body", Text, nullable=False),
)
CHECKED = Table(
    "checked",
    METADATA,
    Column("scan", Integer, primary_key=True, autoincrement=False),
    Column("sensor", String(128), primary_key=True),
    Column("count", Integer, nullable=False),
)
PATHS = Table(
    "paths",
    METADATA,
    Column("scan", Integer, primary_key=True, autoincrement=False),
    Column("id", _ID, primary_key=True),
    Column("body", Text, nullable=False),
)
ACCEPTANCES = Table(
    "acceptances",
    METADATA,
    Column("finding", _ID, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("until", String(10)),
    Column("made", _TIME, nullable=False),
)
