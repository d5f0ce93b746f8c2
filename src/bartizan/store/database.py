"""One database with the product's tables: opened, checked, and its failures put into one line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from bartizan.model.errors import StoreError
from bartizan.store.address import parse_url, shown
from bartizan.store.migration import bring_up, is_current, queue_up
from bartizan.store.signals import undisturbed

WAIT = 60
"""Seconds that a writer waits for another one."""
_CONNECT = 10


class Database:
    """Connections to one store. Every failure of it is a StoreError of one line."""

    def __init__(self, address: str, *, create: bool = True) -> None:
        """Open, migrate, and unless told otherwise create. Raises StoreError for what cannot be used as a store."""
        url = parse_url(address)
        self._create = create
        self.name = shown(url)
        self._engine = self._sqlite(url) if url.get_backend_name() == "sqlite" else self._postgresql(url)
        try:
            self._bring_up()
        except StoreError:
            self.close()
            raise

    def _bring_up(self) -> None:
        with self._one_line("open"):
            with self._engine.connect() as connection:
                current = is_current(connection)
            if not current:
                with self._writer() as connection, connection.begin():
                    bring_up(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view of the store."""
        with self._one_line("read"), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is durable once the block is left, and undone when it is left by an error.

        There is one writer at a time; others wait. Ctrl-C is answered behind the block.
        """
        with undisturbed(), self._one_line("write"), self._writer() as connection, connection.begin():
            queue_up(connection)
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _writer(self) -> Connection:
        return self._engine.connect().execution_options(writes=True)

    @contextmanager
    def _one_line(self, verb: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise StoreError(f"cannot {verb} the store {self.name}", _reason(error)) from error
        except StoreError as error:
            raise StoreError(f"cannot {verb} the store {self.name}", str(error)) from error

    def _sqlite(self, url: URL) -> Engine:
        if url.database and url.database != ":memory:":
            if not self._create and not os.path.exists(url.database):
                raise StoreError(f"there is no store {url.database}")
            _prepare(url.database)
            engine = create_engine(url, connect_args={"timeout": WAIT})
        else:
            engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgresql(self, url: URL) -> Engine:
        try:
            return create_engine(url, connect_args={"connect_timeout": _CONNECT}, isolation_level="READ COMMITTED")
        except (ImportError, NoSuchModuleError) as error:
            raise StoreError("a PostgreSQL store needs its driver", "pip install 'bartizan[postgres]'") from error


def _prepare(path: str) -> None:
    """Create folder and file, for this user alone, where they are missing."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StoreError(f"cannot open the store {path}", reason) from error


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Transactions are begun by us (see `_begin_sqlite`); readers never wait for a writer (WAL)."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "cache_size = -32000",
        "temp_store = MEMORY",
        "wal_autocheckpoint = 4000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the write lock at once: two that read first and write later would deadlock."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _reason(error: Exception) -> str:
    """What the driver says, in one line and without statement, parameters or password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    text = " ".join(str(cause).split()) or type(cause).__name__
    if isinstance(cause, sqlite3.OperationalError) and "locked" in text:
        return f"another process has been writing for more than {WAIT} s"
    return text[:300]
