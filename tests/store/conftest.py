"""Stores to test on: a SQLite file, and a real PostgreSQL that is started here."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
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


def _run(home: str, *command: str) -> None:
    """The server refuses to run as root; Debian's package has a user for it."""
    if os.geteuid() == 0:
        command = ("runuser", "-u", "postgres", "--", *command)
    subprocess.run(command, check=True, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=120)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of an empty server on a socket of its own; `{}` stands for the database."""
    home = tempfile.mkdtemp(prefix="bartizan-pg-")  # not tmp_path: a socket's path has at most 107 bytes
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    data, control = f"{home}/data", f"{_binaries()}/pg_ctl"
    try:
        _run(home, f"{_binaries()}/initdb", "-D", data, "-U", "tester", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off -c max_connections=20"
        _run(home, control, "-D", data, "-l", f"{home}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql://tester@/{{}}?host={home}"
        finally:
            _run(home, control, "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


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
