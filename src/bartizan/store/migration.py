"""Brings a store to today's schema: a look when it is current, plain DDL when new, Alembic when old."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from bartizan.model.errors import StoreError
from bartizan.store.schema import MARK, METADATA, REVISION

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x62617274697A616E
"""Key of PostgreSQL's advisory lock: the product's name in ASCII."""


def is_current(connection: Connection) -> bool:
    """Whether the store is in today's state."""
    return _state(connection) == REVISION


def queue_up(connection: Connection) -> None:
    """Be the only writer until the transaction ends; SQLite is so by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def bring_up(connection: Connection) -> None:
    """Create or migrate, inside the caller's transaction, while other writers wait.

    Raises StoreError for a database of something else and for a store of a later version.
    """
    queue_up(connection)
    state = _state(connection)
    if state is None:
        _create(connection)
    elif state != REVISION:
        _migrate(connection, known=state)


def _state(connection: Connection) -> str | None:
    if not inspect(connection).has_table(MARK.name):
        return None
    return connection.execute(select(MARK.c.version_num)).scalar()


def _create(connection: Connection) -> None:
    """The same tables as the migrations give (a test compares them), without Alembic's half second."""
    present: Set[str] = set(inspect(connection).get_table_names())
    foreign = present if connection.dialect.name == "sqlite" else present & set(METADATA.tables)
    if foreign:
        raise StoreError(f"the database belongs to something else: it has a table {min(foreign)!r}")
    METADATA.create_all(connection)
    MARK.create(connection)
    connection.execute(MARK.insert().values(version_num=REVISION))


def _migrate(connection: Connection, known: str = "") -> None:
    """Run the steps that are missing. `known` is the state that must be among the steps' own."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if known and known not in {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}:
        raise StoreError(f"it is of a later version (its schema is {known}, this version knows {REVISION})")
    command.upgrade(config, "head")
