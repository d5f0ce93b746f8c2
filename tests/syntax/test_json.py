from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.errors import SourceError
from bartizan.syntax.json import read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def test_places_point_at_values_and_keys() -> None:
    tree = read_json('{\n  "a": {"b": [1,\n    "x"]},\n  "c": null\n}')
    assert tree.value == {"a": {"b": [1, "x"]}, "c": None}
    assert tree.places[()] == (1, 1)
    assert tree.places["a", "b"] == (2, 14)
    assert tree.places["a", "b", 1] == (3, 5)
    assert tree.keys["c",] == (4, 3)
    assert tree.keys["a", "b"] == (2, 9)


def test_what_people_write() -> None:
    text = """// the servers
    {
      /* block */ 'single': "it's", bare_key: .5, hex: 0xFF, # hash
      "list": [1, 2,], "plus": +1, "inf": Infinity,
      "url": "https://example.org//x", "text": "a /* no */ comment",
    }
    """
    tree = read_json(text)
    assert tree.value["single"] == "it's"
    assert tree.value["bare_key"] == 0.5
    assert tree.value["hex"] == 255
    assert tree.value["list"] == [1, 2]
    assert tree.value["url"] == "https://example.org//x"
    assert tree.value["text"] == "a /* no */ comment"
    assert tree.places["list", 1] == (4, 19)


def test_escapes() -> None:
    text = r'{"a": "\u0041\n\/\"\\", "pair": "\ud83d\ude00", "lone": "x\ud800y"}'
    value = read_json(text).value
    assert value["a"] == 'A\n/"\\'
    assert value["pair"] == "😀"
    assert value["lone"] == "x\ufffdy"


def test_the_last_of_two_equal_keys_counts() -> None:
    tree = read_json('{"a": 1,\n"a": {"b": 2}}')
    assert tree.value == {"a": {"b": 2}}
    assert tree.places["a", "b"] == (2, 12)


@pytest.mark.parametrize(
    ("text", "line"),
    [('{\n"a": }', 2), ('{"a": 1\n"b": 2}', 2), ("[1, 2", 1), ('{"a": tru}', 1), ("\n\n{]", 3), ('{"a": "x\n"}', 1)],
)
def test_mistakes_name_their_line(text: str, line: int) -> None:
    with pytest.raises(SourceError, match=f"^line {line}: not JSON"):
        read_json(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 5_000, "[" * 300 + "]" * 300, "1" * 5000, "/*" * 50_000])
def test_hostile_texts_end_quickly(text: str) -> None:
    start = time.process_time()
    with pytest.raises(SourceError):
        read_json(text)
    assert time.process_time() - start < 1


def test_many_equal_keys_end_quickly() -> None:
    text = "{" + ",".join(f'"{number}":1' for number in range(20_000)) + ', "1":1' * 20_000 + ",}"
    start = time.process_time()
    assert len(read_json(text).value) == 20_000
    assert time.process_time() - start < 2


@given(VALUES, st.sampled_from([None, 1]))
def test_reads_what_json_writes(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    strict = read_json(text)
    assert strict.value == json.loads(text)
    lenient = read_json(text + " // comment")
    assert lenient.value == strict.value
    assert dict(lenient.places) == dict(strict.places)


@given(VALUES)
def test_each_place_holds_its_value(value: object) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    tree = read_json(text)
    lines = text.split("\n")
    for way, (line, column) in tree.places.items():
        found = tree.value
        for step in way:
            found = found[step]
        assert json.JSONDecoder().raw_decode("\n".join(lines[line - 1 :])[column - 1 :])[0] == found


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_source_error(data: bytes) -> None:
    complaint = "line 1:"
    try:
        read_json(data.decode("utf-8", "replace"))
    except SourceError as error:
        complaint = error.what
    assert complaint.startswith("line ")


def test_truncated_at_every_character() -> None:
    text = '{"a": [1, 2.5e3, "x\\u0041", null, true], // c\n "b": {"c": \'d\'}}'
    for length in range(1, len(text)):
        with pytest.raises(SourceError):
            read_json(text[:length])
