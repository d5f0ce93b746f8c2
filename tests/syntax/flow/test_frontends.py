"""Sources that are broken, deep or large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.python import read_python
from bartizan.syntax.flow.script import read_script

REGISTERS = frozenset({"tool"})


@pytest.mark.parametrize(
    "text", ["def f(:", "(" * 5000, "x = " + "-" * 3000 + "1", "a = " + "[" * 300 + "]" * 300, "\0"]
)
def test_python_that_cannot_be_read_is_left_out(text: str) -> None:
    assert read_python("a.py", text, REGISTERS) is None


def test_long_sums_are_taken_flat() -> None:
    module = read_python("a.py", "x = " + " + ".join(["'a'"] * 90), REGISTERS)
    assert module is not None
    (statement,) = module.body
    assert isinstance(statement, tree.Assign)
    assert isinstance(statement.value, tree.Text)
    assert len(statement.value.parts) == 90


def test_script_that_nests_too_deeply_is_left_out() -> None:
    assert read_script("a.ts", "x = " + "(" * 2000 + "1" + ")" * 2000, REGISTERS) is None


@given(st.text(alphabet=st.sampled_from("(){}[]`$;=>.,'\"/ \nabfunctionclassreturnimport"), max_size=120))
def test_broken_script_is_read_as_far_as_it_goes(text: str) -> None:
    module = read_script("a.js", text, REGISTERS)
    assert module is None or module.language == "script"


def test_exports_and_getters() -> None:
    module = read_script("a.ts", "export { a as b }; class C { get x() { return 1 } m() {} }", REGISTERS)
    assert module is not None
    assert module.exports == {"b": "a"}
    (made,) = [each for each in module.body if isinstance(each, tree.Class)]
    getters = {each.function.name: each.function.getter for each in made.body if isinstance(each, tree.Define)}
    assert getters == {"x": True, "m": False}
