"""Ids: the same in any order, process and machine."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.identity import canonical, digest

texts = st.text()


@given(st.lists(texts), st.lists(texts))
def test_parts_are_kept_apart(left: list[str], right: list[str]) -> None:
    assert (digest(*left) == digest(*right)) == (left == right)


def test_a_value_that_must_never_change() -> None:
    assert digest("finding", "mcp/tool-poisoning", "a/b.json") == digest(b"finding", b"mcp/tool-poisoning", b"a/b.json")
    assert digest() == "cae66941d9efbd404e4d88758ea67670"


def test_another_process_says_the_same() -> None:
    code = "from bartizan.model.identity import digest; print(digest('a', 'ü', '\\ud800'))"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
    ).stdout.strip()
    assert said == digest("a", "ü", "\ud800")


@given(st.dictionaries(texts, st.integers()))
def test_canonical_ignores_the_order_of_keys(table: dict[str, int]) -> None:
    assert canonical(table) == canonical(dict(reversed(table.items())))
