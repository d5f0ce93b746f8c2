"""What a baseline is, and what it is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.errors import UsageError
from bartizan.triage.baseline import Baseline, Known, read_baseline


def written(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_new_known_and_fixed() -> None:
    baseline = Baseline({"b": Known("b"), "a": Known("a"), "c": Known("c")})
    assert [baseline.status(key) for key in ("a", "z")] == ["known", "new"]
    assert [known.id for known in baseline.fixed({"b", "z"})] == ["a", "c"]


def test_a_result_document_is_read(tmp_path: Path) -> None:
    document: dict[str, Any] = {
        "schema": "bartizan/1",
        "scan": {},
        "findings": [{"id": "x", "rule": "a/b", "more": [1]}],
        "what": None,
    }
    assert read_baseline(written(tmp_path / "b.json", document)).known == {"x": Known("x", "a/b")}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "is no result"),
        ("{", "is no result"),
        ("[]", "is no result"),
        ("[" * 100_000, "is no result"),
        ({"schema": "bartizan/1"}, "is no result"),
        ({"schema": "bartizan/1", "findings": [{"rule": "a/b"}]}, "is no result"),
        ({"schema": "bartizan/2", "findings": []}, "has the schema 'bartizan/2'"),
        ({"version": "2.1.0", "runs": []}, "is no result"),
    ],
)
def test_anything_else_is_refused_in_one_line(tmp_path: Path, content: Any, what: str) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        read_baseline(written(tmp_path / "b.json", content))
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory"):
        read_baseline(tmp_path / "none.json")
    with pytest.raises(UsageError, match="Is a directory"):
        read_baseline(tmp_path)
    (tmp_path / "b.json").write_bytes(b'{"schema": "bartizan/1", "findings": [{"id": "\xff"}]}')
    with pytest.raises(UsageError, match="is no result"):
        read_baseline(tmp_path / "b.json")
