"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.String(32)
_TIME = sa.String(32)


def upgrade() -> None:
    """Create everything."""
    _scans()
    _seen("assets", _text("kind", 32), sa.Column("name", sa.Text, nullable=False), *_versions())
    _seen("relations", _text("kind", 32), _text("source", 32), _text("target", 32))
    rule = sa.Column("rule", sa.Text, nullable=False)
    _seen("findings", rule, _text("severity", 16), _text("asset", 32), *_versions())
    _table(
        "versions", "number", sa.Column("scan", sa.Integer, nullable=False), sa.Column("body", sa.Text, nullable=False)
    )
    op.create_table(
        "sightings",
        sa.Column("scan", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("kind", sa.SmallInteger, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("version", sa.Integer),
        sa.PrimaryKeyConstraint("scan", "kind", "number", name="pk_sightings"),
        sqlite_with_rowid=False,
    )
    _of_scan("gaps", sa.Column("id", _ID, nullable=False), sa.Column("body", sa.Text, nullable=False))
    _of_scan("checked", _text("sensor", 128), sa.Column("count", sa.Integer, nullable=False))
    _of_scan("paths", sa.Column("id", _ID, nullable=False), sa.Column("body", sa.Text, nullable=False))
    op.create_table(
        "acceptances",
        sa.Column("finding", _ID, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("until", sa.String(10)),
        sa.Column("made", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("finding", name="pk_acceptances"),
    )


def _scans() -> None:
    _table(
        "scans",
        "number",
        sa.Column("id", _ID, nullable=False),
        sa.Column("series", _ID, nullable=False),
        sa.Column("started", _TIME, nullable=False),
        sa.Column("finished", _TIME),
        _text("status", 16),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("id", name="uq_scans_id"),
    )
    op.create_index("ix_scans_series", "scans", ["series"])


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def _table(name: str, key: str, *columns: Any) -> None:
    number = sa.Column(key, sa.Integer, nullable=False, autoincrement=False)
    op.create_table(name, number, *columns, sa.PrimaryKeyConstraint(key, name=f"pk_{name}"))


def _seen(name: str, *columns: sa.Column[Any]) -> None:
    _table(
        name,
        "number",
        sa.Column("id", _ID, nullable=False),
        *columns,
        sa.Column("first_seen", _TIME, nullable=False),
        sa.Column("first_scan", sa.Integer, nullable=False),
        sa.Column("last_seen", _TIME, nullable=False),
        sa.Column("last_scan", sa.Integer, nullable=False),
        sa.UniqueConstraint("id", name=f"uq_{name}_id"),
    )


def _versions() -> tuple[sa.Column[Any], ...]:
    return sa.Column("version", sa.Integer, nullable=False), sa.Column("prior", sa.Integer)


def _of_scan(name: str, *columns: sa.Column[Any]) -> None:
    scan = sa.Column("scan", sa.Integer, nullable=False, autoincrement=False)
    op.create_table(name, scan, *columns, sa.PrimaryKeyConstraint("scan", columns[0].name, name=f"pk_{name}"))
