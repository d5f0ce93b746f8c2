"""Opening a store: what is refused, and how a store comes to today's schema."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from bartizan.model.errors import StoreError
from bartizan.store import migration
from bartizan.store.address import parse_url, shown
from bartizan.store.database import Database
from bartizan.store.schema import MARK, METADATA, REVISION
from bartizan.store.store import open_store


def refused(url: str) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(url)
    line = str(caught.value)
    assert "\n" not in line
    assert caught.value.exit_code == 2
    return line


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("mysql://u@h/d", "no store of the kind 'mysql'"),
        ("sqlite://host/file.db", "four slashes"),
        ("postgresql://u@h", "names no database"),
        ("postgresql://u@h:port/d", "not the address of a store"),
        ("a\0b", "not the address of a store"),
        (" ", "not the address of a store"),
        ("file:///x.db", "no store of the kind 'file'"),
    ],
)
def test_a_bad_address_is_refused(url: str, what: str) -> None:
    assert what in refused(url)


def test_a_path_is_an_address_and_missing_folders_are_made(tmp_path: Path) -> None:
    open_store(str(tmp_path / "new folder" / "deep" / "s.db")).close()
    assert (tmp_path / "new folder" / "deep" / "s.db").stat().st_mode & 0o777 == 0o600


def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"these are my notes, not a database\n" * 200)
    assert "file is not a database" in refused(str(file))
    assert file.read_bytes() == b"these are my notes, not a database\n" * 200


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "Is a directory" in refused(str(tmp_path))
    assert "cannot open the store /proc/none/s.db" in refused("/proc/none/s.db")


def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    """Root may write anywhere, so a child gives its rights up first."""
    (tmp_path / "s.db").touch(mode=0o000)
    program = (
        "import os\n"
        "from bartizan.store.store import open_store\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        f"try: open_store({str(tmp_path / 's.db')!r})\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert answer == f"StoreError cannot open the store {tmp_path / 's.db'}: Permission denied\n"


def test_the_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as connection:
        connection.execute("CREATE TABLE orders (id INTEGER)")
    connection.close()
    assert "belongs to something else: it has a table 'orders'" in refused(str(tmp_path / "s.db"))
    connection = sqlite3.connect(tmp_path / "s.db")
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)
    connection.close()


def test_a_store_of_a_later_version_is_refused(address: str) -> None:
    database = Database(address)
    with database.writing() as connection:
        connection.execute(MARK.update().values(version_num="9999"))
    database.close()
    assert "of a later version (its schema is 9999" in refused(address)


def test_a_server_that_is_not_there_is_one_line_without_the_password(tmp_path: Path) -> None:
    line = refused(f"postgresql://u:hunter2@/d?host={tmp_path}")
    assert "cannot open the store" in line
    assert "hunter2" not in line


def test_a_missing_driver_names_the_extra() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from bartizan.store.store import open_store\n"
        "try: open_store('postgresql://u@h/d')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert answer == "StoreError a PostgreSQL store needs its driver: pip install 'bartizan[postgres]'\n"


def test_passwords_are_not_shown() -> None:
    assert shown(parse_url("postgresql://u:secret@h/d")) == "postgresql://u:***@h/d"
    assert shown(parse_url("/tmp/x.db")) == "/tmp/x.db"


def test_a_current_or_new_store_costs_no_alembic(tmp_path: Path) -> None:
    program = (
        "import sys; from bartizan.store.store import open_store\n"
        f"for _ in range(2): open_store({str(tmp_path / 's.db')!r}).close()\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('alembic', 'mako', 'sqlalchemy.orm')))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert answer == "[]\n"


def _described(url: str) -> dict[str, object]:
    """Tables as the database itself tells them."""
    engine = create_engine(parse_url(url))
    found = inspect(engine)
    tables = {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(name)],
            found.get_pk_constraint(name),
            found.get_indexes(name),
            sorted(found.get_unique_constraints(name), key=str),
        )
        for name in found.get_table_names()
        if name != MARK.name
    }
    engine.dispose()
    return dict(tables)


def test_the_migrations_give_the_same_tables_as_a_new_store(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """An empty marked store is migrated from nothing by Alembic, then compared with one made at once."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(migration.SCRIPTS)).get_current_head() == REVISION
    engine = create_engine(parse_url(address))
    with engine.begin() as connection:
        MARK.create(connection)
        migration._migrate(connection)
        difference = compare_metadata(
            MigrationContext.configure(connection, opts={"version_table": MARK.name}), METADATA
        )
    engine.dispose()
    assert difference == []
    if address.startswith("sqlite"):
        open_store(str(tmp_path / "direct.db")).close()
        assert _described(address) == _described(str(tmp_path / "direct.db"))


def test_an_old_store_is_migrated_when_opened(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tomorrow's version: the shipped steps and one more, on a store of today."""
    store = open_store(address)
    store.accept("f", "kept over the migration")
    store.close()
    shutil.copytree(migration.SCRIPTS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    step = f"""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "tomorrow", {REVISION!r}
def upgrade():
    with op.batch_alter_table("acceptances") as table:
        table.add_column(sa.Column("ticket", sa.Text))
"""
    (tmp_path / "migrations" / "versions" / "tomorrow.py").write_text(step)
    monkeypatch.setattr(migration, "SCRIPTS", tmp_path / "migrations")
    monkeypatch.setattr(migration, "REVISION", "tomorrow")
    database = Database(address)
    with database.reading() as connection:
        assert connection.execute(text("SELECT finding, ticket FROM acceptances")).all() == [("f", None)]
    database.close()
