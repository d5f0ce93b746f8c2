from __future__ import annotations

import base64
import gzip
import html
import json
import urllib.parse
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.model.location import Location
from bartizan.sensors.secrets.layers import Layers
from bartizan.sensors.secrets.text import Lines, Text
from tests.sensors.secrets.conftest import ANTHROPIC, GROQ, OPENAI, fake

KEY = fake(OPENAI)
LAYERS = Layers(())
COHERE = fake("<<alnum 40>>", "cohere")


def b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def _wrapped(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


@pytest.mark.parametrize(
    "text",
    [
        f"data:\n  k: {b64(KEY)}\n",
        f"x {b64(b64(b64(KEY)))} y",
        f"x = '{b64(b'lead ' + KEY.encode())}'",
        f"cert: |\n{_wrapped(b64('A=1' + chr(10) + 'OPENAI_API_KEY=' + KEY), 64)}\n",
        f"release: {b64(b64(gzip.compress(('k: ' + KEY).encode())))}",
        f"powershell -EncodedCommand {b64(('$k = ' + KEY).encode('utf-16-le'))}",
        f"Authorization: Basic {b64('user:' + KEY)}",
        "k=" + "".join(f"%{ord(char):02x}" for char in KEY),
        "k=" + urllib.parse.quote(json.dumps({"k": KEY})),
        'k="' + "".join(f"\\u{ord(char):04X}" for char in KEY) + '"',
        'k="' + "".join(f"\\x{ord(char):02x}" for char in KEY) + '"',
        'k="' + KEY.replace("-", "\\u002d").replace("_", "\\u005F") + '"',
        'k="' + "".join(f"\\{ord(char):03o}" for char in KEY) + '"',
        "<k>" + "".join(f"&#{ord(char)};" for char in KEY) + "</k>",
        "<k>" + "".join(f"&#x{ord(char):x};" for char in KEY) + "</k>",
        f"<k a={html.escape(chr(34) + KEY + chr(34))}/>",
        f'k = "{KEY[:30]}" + "{KEY[30:]}"',
        f"k = '{KEY[:3]}' + '{KEY[3:60]}' + '{KEY[60:]}'",
        f'k = "{KEY[:30]}" \\\n    "{KEY[30:]}"',
        f'k = ("{KEY[:30]}"\n     "{KEY[30:80]}"\n     "{KEY[80:]}")',
        f"$k = '{KEY[:30]}' . '{KEY[30:]}';",
        f'k = "{KEY[:30]}" & "{KEY[30:]}"',
        f'k = ["{KEY[:30]}", "{KEY[30:]}"].join("")',
        f'k = "".join(["{KEY[:30]}", "{KEY[30:80]}", "{KEY[80:]}"])',
        f"export K={KEY[:30]}\\\n{KEY[30:]}",
    ],
)
def test_a_wrapped_key_is_found_once_where_it_stands(found: Any, text: Any) -> None:
    [finding] = found("first line\n" + text + "\n", "x.txt")
    assert finding.rule == "secrets/openai-project"
    assert finding.location.line >= 2


@pytest.mark.parametrize("marks", [ANTHROPIC, OPENAI, "hf<<join>>_<<alnum 34>>", "xai-<<join>><<alnum 80>>"])
@pytest.mark.parametrize("cut", [12, 20, 36, 60])
@pytest.mark.parametrize(
    "text",
    ['k = "{}" + "{}"', 'k = ("{}"\n   "{}")', 'k = ["{}", "{}"].join("")', "k = '{}' '{}'", 'k = "{}" \\\n "{}"'],
)
def test_of_a_split_literal_only_the_whole_is_told(found: Any, marks: str, cut: int, text: str) -> None:
    value = fake(marks, "split")
    cut = min(cut, len(value) - 3)
    [finding] = found(text.format(value[:cut], value[cut:]) + "\n")
    assert f"({len(value)} characters" in finding.evidence[0].summary


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'k = ["{KEY}", "{fake(ANTHROPIC)}"]', 2),
        (f'k = "Authorization:"\n  "{KEY}"', 1),
        (f'k = "{KEY}" + "/v1/chat/completions"', 1),
        (f'k = "{KEY}" + suffix', 1),
        (f'a = "{KEY[:90]}" "{KEY[90:]}"\n\nb = "{KEY[:90]}" "{KEY[90:]}"', 2),
    ],
)
def test_what_goes_on_behind_a_key_neither_hides_nor_doubles_it(found: Any, text: str, told: int) -> None:
    findings = found(text + "\n")
    assert len(findings) == told
    assert {finding.rule for finding in findings} <= {"secrets/openai-project", "secrets/anthropic-api03"}


@pytest.mark.parametrize("sign", "/+")
@pytest.mark.parametrize("cut", [18, 19])
def test_a_literal_may_be_split_at_any_sign_of_a_key(found: Any, sign: str, cut: int) -> None:
    value = fake("<<base64 40>>", "aws5")
    value = value[:18] + sign + value[19:]
    text = f'AWS_SECRET_ACCESS_KEY = "{value[:cut]}" + "{value[cut:]}"\n'
    assert [finding.rule for finding in found(text)] == ["secrets/aws-secret"]


@pytest.mark.parametrize(
    "text",
    [
        f"kind: Secret\ndata:\n  COHERE_API_KEY: {b64(COHERE)}\n",
        f"env = '{b64('COHERE_API_KEY=' + COHERE)}'",
        f"x {b64(b64('COHERE_API_KEY=' + COHERE))}",
        f'COHERE_API_KEY = "{COHERE[:20]}" + "{COHERE[20:]}"',
        f'COHERE_API_KEY = (\n    "{COHERE[:20]}"\n    "{COHERE[20:]}"\n)',
        "payload=" + urllib.parse.quote(json.dumps({"COHERE_API_KEY": COHERE})),
    ],
)
def test_a_wrapped_key_keeps_its_context(found: Any, text: Any) -> None:
    assert [finding.rule for finding in found(text + "\n")] == ["secrets/cohere"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("mark", [True, False])
def test_wide_text(found: Any, encoding: Any, mark: Any) -> None:
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    data = f"first\r\nGROQ_API_KEY={fake(GROQ)}\r\nlast\r\n".encode(encoding)
    if encoding == "utf-32" and not mark:
        return
    [finding] = found((marks.get(encoding, b"") if mark else b"") + data, "x.reg")
    assert finding.rule == "secrets/groq"


def test_wide_text_inside_a_program(found: Any) -> None:
    data = b"MZ" + bytes(range(256)) * 40 + f"\0key={fake(ANTHROPIC)}\0".encode("utf-16-le") + b"\x90" * 999
    [finding] = found(data, "tool.exe")
    assert finding.rule == "secrets/anthropic-api03"
    assert finding.location.offset


def test_wrappings_are_undone_only_so_deep(found: Any) -> None:
    text = KEY
    for _ in range(6):
        text = b64(text)
    assert found(f"x {text}\n") == []


def test_a_file_full_of_wrappings_takes_bounded_time(found: Any) -> None:
    text = ("x = '" + b64("words and words " * 8) + "'\n") * 4000 + '"a" + "b"\n' * 20_000 + "\\u0041%41" * 50_000
    assert found(text + f"k={fake(GROQ)}\n")[0].rule == "secrets/groq"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600), st.integers(0, 500))
def test_unwrapping_never_fails_and_points_into_the_blob(data: Any, at: Any) -> None:
    hostile = data[:at] + b'abc" + "def\\u0041%41&#65;' + data[at:]
    text = Text(hostile, Location(path="a"), lines=Lines(hostile))
    for made in LAYERS.below(text):
        assert all(0 <= made.stored_at(offset) <= len(hostile) for offset in range(0, len(made.data), 7))


@settings(max_examples=60, deadline=None)
@given(st.text("ab\n", max_size=300), st.lists(st.integers(0, 299), max_size=9))
def test_lines_and_columns_are_those_of_a_reader(text: Any, offsets: Any) -> None:
    lines = Lines(text.encode())
    for offset in (min(offset, len(text)) for offset in offsets):
        before = text[:offset]
        assert lines.at(offset) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
