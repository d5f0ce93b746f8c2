from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.errors import SourceError
from bartizan.syntax.toml import read_toml

TEXT = '''# comment
title = "a # no comment"
[servers.alpha]
command = 'npx'   # tail
args = ["-y", # here
  "pkg", { x = 1, "y z" = [2] }]
env.KEY = """
many = lines
"""
[[tool]]
name = "one"
[[tool]]
name = "two"
[tool.sub]
when = 2024-01-02T03:04:05Z
lit = \'\'\'
[no.table]
\'\'\'
["quoted.key".inner]
v = -1.5
'''


def test_places() -> None:
    tree = read_toml(TEXT)
    assert tree.value["tool"][1]["sub"]["when"] == "2024-01-02T03:04:05+00:00"
    expected = {
        ("title",): (2, 9),
        ("servers", "alpha"): (3, 10),
        ("servers", "alpha", "command"): (4, 11),
        ("servers", "alpha", "args", 1): (6, 3),
        ("servers", "alpha", "args", 2, "y z", 0): (6, 28),
        ("servers", "alpha", "env", "KEY"): (7, 11),
        ("tool", 0, "name"): (11, 8),
        ("tool", 1, "name"): (13, 8),
        ("tool", 1, "sub", "when"): (15, 8),
        ("quoted.key", "inner", "v"): (20, 5),
    }
    assert {way: tree.places[way] for way in expected} == expected
    assert tree.keys["servers", "alpha", "env", "KEY"] == (7, 5)


def _ways(value: Any, way: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {way}
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            found |= _ways(item, (*way, step))
    return found


def test_every_value_has_a_place_and_no_other() -> None:
    tree = read_toml(TEXT)
    assert set(tree.places) == _ways(tree.value)


@pytest.mark.parametrize(("text", "line"), [("a = \n", 1), ("a = 1\n[b\n", 2), ("a = 1\na = 2\n", 2), ("a = [1,", 1)])
def test_mistakes_name_their_line(text: str, line: int) -> None:
    with pytest.raises(SourceError, match=f"^line {line}: not TOML"):
        read_toml(text)


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 50_000, "a = " + "{a=" * 20_000, "a=" + "9" * 6000, ".".join("a" * 900) + "=1"]
)
def test_hostile_texts_are_refused(text: str) -> None:
    with pytest.raises(SourceError):
        read_toml(text)


def test_truncated_at_every_character() -> None:
    for length in range(len(TEXT)):
        try:
            tree = read_toml(TEXT[:length])
        except SourceError:
            continue
        assert set(tree.places) == _ways(tree.value)


@given(
    st.lists(st.sampled_from(["[a]\n", "[[b]]\n", "c.d = 1\n", "e = ['x', {f=1}]\n", '"g h" = """\n#"""\n', "#x\n"]))
)
def test_places_match_the_value_whatever_the_parts(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(read_toml(text).places) == _ways(expected)
