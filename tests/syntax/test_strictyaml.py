"""Written YAML: every mistake is one line with its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.errors import RuleError, UsageError
from bartizan.syntax.pattern import Pattern
from bartizan.syntax.strictyaml import read_yaml


@dataclass(frozen=True, kw_only=True)
class Part:
    size: int = 0
    match: Pattern | None = None


@dataclass(frozen=True, kw_only=True)
class Sheet:
    name: str
    parts: tuple[Part, ...] = ()
    table: dict[str, Part] | None = None


def read(tmp_path: Path, text: str) -> Sheet:
    path = tmp_path / "sheet.yaml"
    path.write_text(text, "utf-8")
    return read_yaml(path, Sheet, RuleError)


def test_a_good_file(tmp_path: Path) -> None:
    sheet = read(tmp_path, "name: a\nparts:\n- {size: 2, match: 'a+b'}\n")
    assert sheet == Sheet(name="a", parts=(Part(size=2, match="a+b"),))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("name: a\nparts:\n- size: 1\n  colour: red\n", 4, "unknown key 'colour'"),
        ("name: a\nparts:\n- size: many\n", 3, "Expected `int`, got `str`"),
        ("name: a\nparts:\n- match: '(a'\n", 3, "not usable"),
        ("name: a\nparts:\n- match: '(?=a)b'\n", 3, "not usable"),
        ("name: a\nparts:\n- match: '(a)\\1'\n", 3, "not usable"),
        ("name: a\ntable:\n  one: {sise: 1}\n", 3, "unknown key 'sise'"),
        ("name: a\nname: b\n", 2, "stands twice"),
        ("parts: []\n", 1, "missing required field `name`"),
        ("name: [a\n", 2, ""),
        ("name: !!python/object:os.system a\n", 1, ""),
        ("", 1, "empty"),
        ("- 1\n", 1, "Expected `object`"),
    ],
)
def test_mistakes_have_a_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    with pytest.raises(RuleError) as raised:
        read(tmp_path, text)
    assert f"sheet.yaml:{line}: " in raised.value.what
    assert says in raised.value.what
    assert "\n" not in raised.value.what


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "sheet.yaml"
    path.write_bytes(b"name: \xff\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_yaml(path, Sheet)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "sheet.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        read_yaml(path, Sheet)
    except UsageError as error:
        assert "\n" not in error.what
