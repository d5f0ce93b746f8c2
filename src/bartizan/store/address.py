"""Where a store is: URLs as people write them."""

from __future__ import annotations

import os

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bartizan.model.errors import StoreError
from bartizan.model.home import NOWHERE, data_folder

DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgresql+psycopg": "postgresql+psycopg",
}
FORMS = "write a path, sqlite:///PATH or postgresql://USER@HOST/DATABASE"


def default_url() -> str:
    """The store of this user: `bartizan/bartizan.db` in the user's data folder. Raises StoreError without a home."""
    folder = data_folder()
    if folder.is_relative_to(NOWHERE):
        raise StoreError("this user has no home to keep a store in", "name one with --store, or set XDG_DATA_HOME")
    return str(folder / "bartizan.db")


def parse_url(text: str) -> URL:
    """Read a store's address; a text without a scheme is the path of a SQLite file. Raises StoreError."""
    if "\0" in text or not text.strip():
        raise StoreError("not the address of a store", FORMS)
    if "://" not in text:
        return URL.create(DRIVERS["sqlite"], database=os.path.expanduser(text))
    scheme = text.partition("://")[0].lower()
    if scheme not in DRIVERS:
        raise StoreError(f"no store of the kind {scheme!r}", FORMS)
    try:
        url = make_url(text).set(drivername=DRIVERS[scheme])
    except (ArgumentError, ValueError) as error:
        raise StoreError("not the address of a store", FORMS) from error
    return _sqlite(url) if scheme.startswith("sqlite") else _postgresql(url)


def _sqlite(url: URL) -> URL:
    if url.host or url.username or url.query:
        raise StoreError("not the address of a SQLite store", "an absolute path has four slashes: sqlite:////PATH")
    return url.set(database=os.path.expanduser(url.database)) if url.database else url


def _postgresql(url: URL) -> URL:
    if not url.database:
        raise StoreError("the address of the store names no database", FORMS)
    return url


def shown(url: URL) -> str:
    """The address without its password, as it may be printed."""
    if url.get_backend_name() == "sqlite":
        return url.database or "memory"
    return url.render_as_string(hide_password=True).replace("+psycopg", "", 1)
