from __future__ import annotations

import pytest

from bartizan.model.blob import Blob
from bartizan.model.document import Document
from bartizan.model.errors import LimitError, SourceError
from bartizan.model.location import Location
from bartizan.sources.document import Parsed, parse, read_documents
from bartizan.sources.format import sniff


def _read(path: str, data: bytes) -> list[Document]:
    return read_documents(Blob(Location(path=path), data, sniff(path, data)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_in_every_encoding(encoding: str) -> None:
    [document] = _read("a/mcp.json", '{\r\n "käse": "brie"}'.encode(encoding))
    assert document.syntax == "json"
    assert document.value == {"käse": "brie"}
    place = document.at("käse")
    assert (place.path, place.line, place.column) == ("a/mcp.json", 2, 10)


def test_each_syntax_by_its_name_or_look() -> None:
    assert _read("a.toml", b"[x]\ny = 1\n")[0].value == {"x": {"y": 1}}
    assert [document.syntax for document in _read("a.yml", b"a: 1\n---\nb: 2\n")] == ["yaml", "yaml"]
    assert _read(".mcprc", b'{"a": 1, // c\n}')[0].syntax == "json"
    assert _read("config", b"a: [1]\n")[0].value == {"a": [1]}
    assert _read("a.yaml", b'{\n\t"a": 1\n}')[0].value == {"a": 1}
    assert _read("a.yaml", b"{a: 1, b: c d}")[0].value == {"a": 1, "b": "c d"}


def test_lines_of_json() -> None:
    first, second = _read("log.jsonl", b'{"a": 1}\n\n{"a": {"b": 2}}\n')
    assert (first.at("a").line, second.at("a", "b").line) == (1, 3)


def test_nothing_in_nothing() -> None:
    assert _read("a.json", b"") == []
    assert _read("a.yaml", b" \n") == []


def test_the_place_of_what_has_none_is_its_parents() -> None:
    [document] = _read("a.yaml", b"x: &x\n  y: 1\nz: *x\n")
    assert document.at("z", "y").line == 3


@pytest.mark.parametrize(
    ("path", "data", "what"),
    [
        ("a.json", b'{\n"a" 1}', "line 2: not JSON"),
        ("a.toml", b"a = 1\nb = = 2\n", "line 2: not TOML"),
        ("a.yaml", b"a: 1\nb: ]\n", "line 2: not YAML"),
        ("a.json", b"\x89PNG\r\n\x1a\n\0\0", "not a text but png"),
    ],
)
def test_mistakes(path: str, data: bytes, what: str) -> None:
    with pytest.raises(SourceError, match=f"^{what}"):
        _read(path, data)


def _parsed(path: str, text: str) -> Parsed:
    data = text.encode()
    return parse(Blob(Location(path=path), data, sniff(path, data)))


@pytest.mark.parametrize(
    "bad", ["[}", "a: [1, 2", "a: 'open", "a: b: c", "\tx: 1", "a: *nothing", "{{ .Values.x }}: [", "k: |\n  t\n x"]
)
def test_one_bad_document_costs_no_other(bad: str) -> None:
    text = f"a: 1\n---\n{bad}\n--- # next\nb:\n  c: 2\n---\nd: 3\n"
    parsed = _parsed("all.yaml", text)
    assert [document.value for document in parsed.documents] == [{"a": 1}, {"b": {"c": 2}}, {"d": 3}]
    line = 4 + bad.count("\n")
    assert parsed.documents[1].at("b", "c").line == line + 2
    assert len(parsed.flaws) == 1
    assert 3 <= int(parsed.flaws[0].what.removeprefix("line ").partition(":")[0]) <= line


def test_many_bad_documents_end_the_reading() -> None:
    parsed = _parsed("all.yaml", "a: 1\n---\n" + "[}\n---\n" * 5000)
    assert [document.value for document in parsed.documents] == [{"a": 1}]
    assert len(parsed.flaws) == 21
    assert isinstance(parsed.flaws[-1], LimitError)


def test_one_bad_line_costs_no_other() -> None:
    parsed = _parsed("log.jsonl", '{"a": 1}\n{bad\n{"b": 2}\n')
    assert [document.value for document in parsed.documents] == [{"a": 1}, {"b": 2}]
    assert [flaw.what.partition(":")[0] for flaw in parsed.flaws] == ["line 2"]


@pytest.mark.parametrize(
    ("name", "text", "template"),
    [
        ("deploy.yaml", "a:\n{{- if .x }}\n  b: 1\n{{- end }}\n", True),
        ("site.yml", "{% for x in y %}\n- {{ x }}\n{% endfor %}\n", True),
        ("mcp.json", '{"a": {% if x %} 1 {% endif %}}', True),
        ("mcp.json", '{"a": {"b": 1}', False),
        ("mcp.json", '{"a": "{{ x }}" "b": 1}', False),
        ("plain.yaml", "a: [1\nb: }\n", False),
        ("fine.yaml", "a: '{{ x }}'\n", False),
    ],
)
def test_what_is_to_be_filled_in_first_is_a_template(name: str, text: str, template: bool) -> None:
    assert _parsed(name, text).is_template is template
