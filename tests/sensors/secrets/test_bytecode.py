from __future__ import annotations

import marshal
import py_compile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.model.blob import Blob
from bartizan.model.location import Location
from bartizan.sensors.secrets.bytecode import bytecode_text
from tests.sensors.secrets.conftest import ANTHROPIC, GROQ, fake

COHERE = fake("<<alnum 40>>", "cohere")


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ('KEY = "{groq}"\n', "secrets/groq"),
        ('import os\nDEBUG = False\nCOHERE_API_KEY = "{cohere}"\n', "secrets/cohere"),
        ('COHERE_API_KEY = "{cohere}"\nNAME = "a name"\nOTHER = "https://host"\n', "secrets/cohere"),
        ('def ask():\n    return call(model="m", key="{anthropic}")\n', "secrets/anthropic-api03"),
        (
            'class A:\n    def b(self):\n        def c():\n            return "{groq}"\n        return c\n',
            "secrets/groq",
        ),
        ("x = b'{anthropic}'\n", "secrets/anthropic-api03"),
    ],
)
def test_constants_of_compiled_python(tmp_path: Any, found: Any, source: Any, rule: Any) -> None:
    path = tmp_path / "m.py"
    path.write_text(source.format(groq=fake(GROQ), cohere=COHERE, anthropic=fake(ANTHROPIC)))
    py_compile.compile(str(path), cfile=str(tmp_path / "m.pyc"), optimize=0)
    assert [item.rule for item in found((tmp_path / "m.pyc").read_bytes(), "m.pyc")] == [rule]


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400), st.lists(st.text(max_size=300), max_size=8))
def test_broken_files_never_fail(noise: Any, texts: Any) -> None:
    data = b"\xa7\r\r\n" + bytes(12) + noise + marshal.dumps(texts) + noise
    text = bytecode_text(Blob(Location(path="a.pyc"), data, "pyc"))
    assert all(0 <= origin < len(data) for _, origin in text.segments)
