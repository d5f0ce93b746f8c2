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


def _deleted(
    path: Path, rows: list[tuple[Any, ...]], delete: str, *, page: int = 1024, encoding: str = "UTF-8"
) -> bytes:
    link = sqlite3.connect(path)
    link.execute(f"pragma page_size={page}")
    link.execute(f"pragma encoding='{encoding}'")
    link.execute("pragma secure_delete=off")
    columns = ["id integer primary key", "name text", "value text"][-len(rows[0]) :]
    link.execute(f"create table kv({', '.join(columns)})")
    link.executemany(f"insert into kv values({', '.join('?' * len(columns))})", rows)
    link.commit()
    link.execute(delete)
    link.commit()
    link.close()
    return path.read_bytes()


@pytest.mark.parametrize("page", [512, 1024, 4096, 65536])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("COHERE_API_KEY", COHERE, "secrets/cohere"),
        ("MISTRAL_API_KEY", fake("<<alnum 32>>", "mistral"), "secrets/mistral"),  # behind its type, which is an M
        ("token", fake(GROQ), "secrets/groq"),
        ("k", fake(OPENAI), "secrets/openai-project"),
    ],
)
def test_a_deleted_row_is_read_with_its_columns(
    tmp_path: Any, found: Any, page: Any, place: Any, name: Any, value: Any, rule: Any
) -> None:
    rows = [("first", "b" * 30), ("last", "y" * 30)]
    rows.insert(place, (name, value))
    [finding] = found(_deleted(tmp_path / "a.db", rows, f"delete from kv where name='{name}'", page=page), "a.db")
    assert finding.rule == rule
    assert finding.location.record == "kv:deleted"
    assert "deleted rows" in finding.evidence[0].detail


@pytest.mark.parametrize(
    "delete", ["delete from kv", "delete from kv where id=7", "delete from kv where id between 5 and 9"]
)
def test_deleted_rows_are_read_from_pages_of_every_state(tmp_path: Any, found: Any, delete: Any) -> None:
    rows = [(number, "COHERE_API_KEY", COHERE if number == 7 else "x" * 40) for number in range(200)]
    data = _deleted(tmp_path / "a.db", rows, delete)
    [finding] = found(data, "a.db")
    assert finding.rule == "secrets/cohere"
    assert data[finding.location.offset :][:200].find(COHERE.encode()) >= 0


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_deleted_rows_of_wide_text_are_read(tmp_path: Any, found: Any, encoding: Any) -> None:
    rows = [("a", "b" * 30), ("COHERE_API_KEY", COHERE), ("z", "y" * 30)]
    data = _deleted(tmp_path / "a.db", rows, "delete from kv where value like '%4%'", page=4096, encoding=encoding)
    assert [finding.rule for finding in found(data, "a.db")] == ["secrets/cohere"]


def test_what_a_row_still_holds_is_not_told_of_the_deleted_one(tmp_path: Any, found: Any) -> None:
    rows = [(number, "COHERE_API_KEY", COHERE if number in (7, 90) else "x" * 40) for number in range(200)]
    [finding] = found(_deleted(tmp_path / "a.db", rows, "delete from kv where id=7"), "a.db")
    assert finding.location.record == "kv:90"


def test_what_was_wiped_is_not_there(tmp_path: Any, found: Any) -> None:
    rows = [("COHERE_API_KEY", COHERE), ("z", "y" * 30)]
    data = _deleted(tmp_path / "a.db", rows, "delete from kv where name like 'C%'")
    link = sqlite3.connect(tmp_path / "a.db")
    link.execute("vacuum")
    link.close()
    assert found(data, "a.db") != []
    assert found((tmp_path / "a.db").read_bytes(), "a.db") == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_to_free_places_does_no_harm(tmp_path: Any, found: Any, data: Any) -> None:
    path = tmp_path / "a.db"
    if not path.exists():
        rows = [(number, "COHERE_API_KEY", COHERE) for number in range(40)]
        _deleted(path, rows, "delete from kv where id % 3 = 0", page=512)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 40))):
        raw[data.draw(st.integers(512, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert {finding.rule for finding in found(bytes(raw), "a.db")} <= {"secrets/cohere"}
