from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bartizan.model.blob import Blob
from bartizan.model.location import Location
from bartizan.sensors.secrets.sqlite import sqlite_text
from tests.sensors.secrets.conftest import GROQ, OPENAI, fake

COHERE = fake("<<alnum 40>>", "cohere")


def _database(path: Path, *, page: int = 4096, encoding: str = "UTF-8", rows: int = 30) -> bytes:
    link = sqlite3.connect(path)
    link.execute(f"pragma page_size={page}")
    link.execute(f"pragma encoding='{encoding}'")
    link.execute(
        'create table "user" (id integer primary key, name text, "note" varchar(20), constraint u unique (name))'
    )
    link.execute("create table variables(id text, key text, type text, value text)")
    link.execute("create table config(id integer primary key, data json)")
    for number in range(rows):
        link.execute("insert into user values(?, ?, ?)", (number, f"name-{number}", "n" * 200))
    link.execute("insert into variables values('1', 'COHERE_API_KEY', 'string', ?)", (COHERE,))
    link.execute("insert into config values(1, ?)", (json.dumps({"pad": "x" * 30_000, "keys": [fake(OPENAI)]}),))
    link.commit()
    link.close()
    return path.read_bytes()


@pytest.mark.parametrize("page", [512, 1024, 4096, 65536])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_rows_of_any_database_are_read(tmp_path: Any, found: Any, page: Any, encoding: Any) -> None:
    rules = {item.rule: item for item in found(_database(tmp_path / "a.db", page=page, encoding=encoding), "webui.db")}
    assert set(rules) == {"secrets/cohere", "secrets/openai-project"}
    assert rules["secrets/cohere"].location.record == "variables:1"
    assert rules["secrets/openai-project"].location.record == "config:1"


def test_neighbouring_columns_do_not_hide_a_value(tmp_path: Any, found: Any) -> None:
    link = sqlite3.connect(tmp_path / "a.db")
    link.execute("create table c(provider text, value text, more text)")
    link.execute("insert into c values('groq', ?, 'tail')", (fake(GROQ),))
    link.commit()
    link.close()
    assert [item.rule for item in found((tmp_path / "a.db").read_bytes(), "state.vscdb")] == ["secrets/groq"]


def test_a_cut_database_gives_what_is_left(tmp_path: Any, found: Any) -> None:
    whole = _database(tmp_path / "a.db", page=1024, rows=200)
    assert any(item.rule == "secrets/cohere" for item in found(whole[:-1024], "a.db"))
    assert found(whole[:3000], "a.db") == []


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(min_size=1, max_size=40)), max_size=12),
    st.integers(0, 1 << 16),
)
def test_damage_never_fails(tmp_path: Any, damage: Any, cut: Any) -> None:
    path = tmp_path / "a.db"
    data = bytearray(path.read_bytes() if path.exists() else _database(path, page=512))
    for at, piece in damage:
        start = at % len(data)
        data[start : start + len(piece)] = piece
    text = sqlite_text(Blob(Location(path="a.db"), bytes(data[: cut % len(data)] or data), "sqlite"))
    assert len(text.data) < 4 * len(data)


def test_pages_that_point_at_each_other_end(tmp_path: Any) -> None:
    data = bytearray(_database(tmp_path / "a.db", page=512))
    for page in range(1, len(data) // 512):
        data[page * 512 : page * 512 + 12] = b"\x05\0\0\0\x02\0\0\0" + (page % 5 + 1).to_bytes(4, "big")
    assert sqlite_text(Blob(Location(path="a.db"), bytes(data), "sqlite")).data is not None
