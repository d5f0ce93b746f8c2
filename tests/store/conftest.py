"""Stores to test on: a SQLite file, and a real PostgreSQL that is started here."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bartizan.store.store import Store, open_store


def _binaries() -> str:
    """Debian's package keeps them beside the PATH."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    found = shutil.which("postgres")
    if not folders and found is None:
        pytest.fail("the tests need Debian's package postgresql")
    return folders[-1] if folders else os.path.dirname(str(found))


def _as_user(*command: str) -> list[str]:
    """The server refuses to run as root (Debian's package has a user for it), and must not outlive the tests."""
    user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig=QUIT", *user, *command]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of an empty server on a socket of its own; `{}` stands for the database."""
    import psycopg

    home = tempfile.mkdtemp(prefix="bartizan-pg-")  # not tmp_path: a socket's path has at most 107 bytes
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    data, tools = f"{home}/data", _binaries()
    form = f"postgresql://tester@/{{}}?host={home}"
    try:
        made = [f"{tools}/initdb", "-D", data, "-U", "tester", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        subprocess.run(_as_user(*made), check=True, cwd=home, capture_output=True, timeout=120)
        options = ("listen_addresses=", f"unix_socket_directories={home}", "fsync=off", "max_connections=20")
        serve = [f"{tools}/postgres", "-D", data, *(part for option in options for part in ("-c", option))]
        with (
            open(f"{home}/log", "wb") as log,
            subprocess.Popen(_as_user(*serve), cwd=home, stdout=log, stderr=log) as server,
        ):
            try:
                _wait_for(lambda: psycopg.connect(form.format("postgres")).close(), psycopg.OperationalError)
                yield form
            finally:
                server.send_signal(signal.SIGQUIT)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait_for(attempt: Callable[[], None], error: type[Exception]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            return attempt()
        except error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty store, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    import psycopg

    form = request.getfixturevalue("postgresql")
    name = f"t{os.urandom(6).hex()}"
    with psycopg.connect(form.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield form.format(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """An open, empty store of each kind."""
    with open_store(address) as opened:
        yield opened
