from __future__ import annotations

import re
import time

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from bartizan.model.errors import LimitError, SourceError
from bartizan.syntax.yaml import read_yaml_documents

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)


def _one(text: str) -> object:
    return next(read_yaml_documents(text)).value


def test_places_in_several_documents() -> None:
    text = "a: 1\nb:\n  - x\n  - y: z\n---\nkind: Pod\nspec: {c: [1, 2]}\n"
    first, second = read_yaml_documents(text)
    assert first.value == {"a": 1, "b": ["x", {"y": "z"}]}
    assert first.places["b", 1, "y"] == (4, 8)
    assert first.keys["b",] == (2, 1)
    assert second.value == {"kind": "Pod", "spec": {"c": [1, 2]}}
    assert second.places["spec", "c", 1] == (7, 15)
    assert second.places[()] == (6, 1)


def test_scalars() -> None:
    text = """
    on: yes
    port: "22:22"
    bare: 22:22
    date: 2024-01-01
    octal: 0644
    hex: 0x1F
    float: 1.5
    exp: 1e3
    none: ~
    empty:
    quoted: 'true'
    tagged: !Ref name
    version: 1_000
    8080: x
    inf: .inf
    ip: 127.0.0.1
    """
    assert _one(text) == {
        "on": True,
        "port": "22:22",
        "bare": "22:22",
        "date": "2024-01-01",
        "octal": 420,
        "hex": 31,
        "float": 1.5,
        "exp": 1000.0,
        "none": None,
        "empty": None,
        "quoted": "true",
        "tagged": "name",
        "version": 1000,
        "8080": "x",
        "inf": float("inf"),
        "ip": "127.0.0.1",
    }


def test_aliases_and_merges() -> None:
    text = "base: &b {image: x, ports: [1]}\nweb:\n  <<: *b\n  image: y\nboth:\n  <<: [*b, {more: 1}]\nsame: *b\n"
    assert _one(text) == {
        "base": {"image": "x", "ports": [1]},
        "web": {"image": "y", "ports": [1]},
        "both": {"image": "x", "ports": [1], "more": 1},
        "same": {"image": "x", "ports": [1]},
    }


def test_python_tags_build_nothing() -> None:
    assert _one("!!python/object/apply:os.system ['true']") == ["true"]


def test_crlf_and_wide_characters_keep_places() -> None:
    tree = next(read_yaml_documents("ä: 😀\r\nb: [1,\r\n  2]\r\n"))
    assert tree.places["ä",] == (1, 4)
    assert tree.places["b", 1] == (3, 3)


def test_billion_laughs_stops() -> None:
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    start = time.process_time()
    with pytest.raises(LimitError, match="aliases expand"):
        list(read_yaml_documents(text))
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2\n", 3),
        ("a: 1\n\tb: 2\n", 2),
        ("a: &x\n  b: *x\n", 2),
        ("a: *nothing\n", 1),
        ("{{ template }}: 1\n- x", 1),
        ("a: 1\n? [x]\n: 2\n", 2),
    ],
)
def test_mistakes_name_their_line(text: str, line: int) -> None:
    with pytest.raises(SourceError, match=f"^line {line}: not YAML"):
        list(read_yaml_documents(text))


@pytest.mark.parametrize("text", ["[" * 200_000, "{a: " * 50_000, "- " * 100_000, "? " * 50_000, "&a " * 1000])
def test_hostile_texts_end_quickly(text: str) -> None:
    start = time.process_time()
    with pytest.raises(SourceError):
        list(read_yaml_documents(text))
    assert time.process_time() - start < 2


@given(VALUES, st.sampled_from([True, False, None]))
def test_reads_what_pyyaml_writes(value: object, flow: bool | None) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    assume("<<" not in text)  # written like a merge of mappings, and read so by PyYAML itself
    assume(not re.search(r"\d[eE]\d", text))  # 0E0 is a number since YAML 1.2, and a text to PyYAML
    tree = next(read_yaml_documents(text))
    assert tree.value == value


@given(st.text(max_size=100))
def test_any_text_is_yaml_or_a_source_error(text: str) -> None:
    complaint = "line 1:"
    try:
        list(read_yaml_documents(text))
    except SourceError as error:
        complaint = error.what
    assert complaint.startswith("line ")
