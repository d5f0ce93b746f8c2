"""Data sets as rows: sampled, bounded, never failing."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.sensors.artifacts.table import (
    MAX_BYTES,
    MAX_ROWS,
    read_json,
    read_lines,
    read_parquet,
    read_separated,
)


def test_separated_values_with_quotes_and_lines_within() -> None:
    raw = b'text,label\n"a, b",1\n"two\nlines",2\nplain,3\n'
    table = read_separated(raw, len(raw))
    assert table.columns == ("text", "label")
    assert [(row.number, row.line, row.cells) for row in table.rows] == [
        (1, 2, ("a, b", "1")), (2, 3, ("two\nlines", "2")), (3, 5, ("plain", "3"))
    ]  # fmt: skip


@pytest.mark.parametrize("mark", ["\t", ";", "|"])
def test_other_separators(mark: str) -> None:
    raw = f"a{mark}b{mark}c\n1{mark}2,5{mark}3\n".encode()
    assert read_separated(raw, len(raw)).rows[0].cells == ("1", "2,5", "3")


def test_faults_are_counted_with_their_first_line() -> None:
    raw = b"a,b\n1,2\n3\n4,5,6\n\xff,7\n"
    table = read_separated(raw, len(raw))
    assert table.faults == {"rows of another width": (2, 3), "bytes that are not UTF-8": (1, 5)}
    raw = b'{"a": 1}\n{"a"\n[1]\n'
    assert read_lines(raw, len(raw)).faults == {"lines that are not JSON": (1, 2), "lines that are no object": (1, 3)}


def test_records_with_different_keys_and_chats() -> None:
    raw = b'{"a": "x"}\n{"b": {"c": ["y", "z"]}}\n{"a": "w", "b": null}\n'
    table = read_lines(raw, len(raw))
    assert table.columns == ("a", "b")
    assert [row.cells for row in table.rows] == [("x",), ("", "y\nz"), ("w", "")]


def test_arrays_of_objects() -> None:
    raw = json.dumps({"version": 1, "data": [{"q": "a"}, {"q": "b"}]}).encode()
    assert [row.cells for row in read_json(raw, len(raw)).rows] == [("a",), ("b",)]
    for nothing in (b"{}", b"[1, 2]", b"null", b"[", b'{"data": 3}'):
        assert read_json(nothing, len(nothing)).rows == []


def test_large_files_are_sampled_from_end_to_end() -> None:
    line = b'{"text": "%06d ' + b"x" * 900 + b'"}\n'
    count = 45_000
    raw = b"".join(line % number for number in range(count))
    assert len(raw) > MAX_BYTES
    table = read_lines(raw, len(raw))
    seen = [int(row.cells[0].split(" ")[0]) for row in table.rows]
    assert not table.whole
    assert table.faults == {}
    assert seen[0] == 0
    assert seen[-1] == count - 1
    assert len(seen) < MAX_ROWS


@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw: bytes) -> None:
    for read in (read_separated, read_lines, read_json):
        assert read(raw, len(raw)).rows is not None


def test_parquet(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"text": ["a b", "c d"], "label": [0, 1], "image": [b"\0", b"\1"]})
    stream = io.BytesIO()
    parquet.write_table(table, stream)
    raw = stream.getvalue()
    read = read_parquet(raw)
    assert read.columns == ("text", "label")
    assert [row.cells for row in read.rows] == [("a b", "0"), ("c d", "1")]
    for broken in (raw[:-20], raw[: len(raw) // 2], b"PAR1PAR1", b""):
        with pytest.raises(ValueError, match="Parquet"):
            read_parquet(broken)
