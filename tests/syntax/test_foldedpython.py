"""Python written out."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.syntax.foldedpython import read_folded


def texts(source: str) -> str:
    return "\n".join(statement.text for statement in read_folded(source))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import os\np = os.path.join(os.path.expanduser('~'), '.ss' + 'h', 'id')\n", "'~/.ssh/id'"),
        ("from pathlib import Path\nimport socket\np = Path.home() / '.aws' / 'config'\n", "'~/.aws/config'"),
        ("import base64\nu = base64.b64decode('aHR0cDovL2E=').decode()\n", "'http://a'"),
        ("import os\nu = ''.join(chr(c) for c in [104, 105])\nos.system(u)\n", "os.system('hi')"),
        ("import os\ngetattr(os, 'sys' + 'tem')('id')\n", "os.system('id')"),
        ("import requests as r\nU = 'https://a' + '.test'\ndef f():\n    r.post(f'{U}/x', data=1)\n", "'https://a.test/x'"),
        ("import urllib.request as q\nk = open('a')\nq.urlopen('b', k.read())\n", "urlopen('b', open('a').read())"),
        ("__import__('os').system('id'[::-1])\n", "os.system('di')"),
    ],
)  # fmt: skip
def test_what_is_put_together_is_written_out(source: str, said: str) -> None:
    assert said in texts(source)


def test_a_name_with_two_values_stands_for_itself() -> None:
    assert "'a'" not in texts("import requests\nu = 'a'\nu = 'b'\nrequests.get(u)\n")


def test_a_parameter_hides_the_name_of_the_module() -> None:
    assert "requests.get('a')" not in texts("import requests\nu = 'a'\ndef f(u):\n    requests.get(u)\n")


def test_a_command_is_read_from_its_list() -> None:
    source = "import subprocess\nH = 'https://a.test'\nsubprocess.run(['curl', '-T', 'x', H])\n"
    assert [each.command for each in read_folded(source) if each.command] == ["curl -T x https://a.test"]


def test_values_within_values_stay_small() -> None:
    lines = ["import os", "a0 = ['x', 'y']"]
    lines += [f"a{n} = [{', '.join([f'a{n - 1}'] * 20)}]" for n in range(1, 30)]
    assert all(len(each.text) <= 4000 for each in read_folded("\n".join([*lines, "os.system(a29)"])))


def test_a_value_that_holds_itself_ends() -> None:
    assert list(read_folded("import os\nx = x.strip()\ny = x\nos.system(x + y)\n"))


@given(st.text(max_size=200))
def test_anything_is_survived(text: str) -> None:
    for statement in read_folded("import os, requests\n" + text):
        assert statement.line >= 1


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_pieces_come_together(one: str, two: str) -> None:
    said = texts(f"import os\nos.system({one!r} + {two!r})\n")
    call = ast.parse(said).body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    assert ast.literal_eval(call.value.args[0]) == one + two
