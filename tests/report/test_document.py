"""The JSON document against its own schema and contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from bartizan.report.document import Document
from bartizan.report.result import Result
from bartizan.report.schema import document_schema
from bartizan.triage.baseline import read_baseline

Written = Callable[[str, Result], bytes]


@pytest.fixture
def document(result: Result, written: Written) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(written("json", result))
    return made


def test_the_document_keeps_its_contract(document: dict[str, Any]) -> None:
    assert list(document) == [
        "schema", "scan", "assets", "relations", "findings", "paths", "coverage", "errors", "stats",
    ]  # fmt: skip
    assert document["schema"] == "bartizan/1"
    assert set(document["scan"]) == {"id", "started", "finished", "version", "targets", "scope"}
    assert {frozenset(each) for each in document["assets"]} == {
        frozenset({"id", "kind", "name", "properties", "location"})
    }
    assert {frozenset(each) for each in document["relations"]} == {frozenset({"id", "kind", "source", "target"})}
    wanted = "id rule title severity confidence asset location evidence risk frameworks references remediation"
    assert {frozenset(each) for each in document["findings"]} == {frozenset(wanted.split())}
    assert {frozenset(each) for each in document["paths"]} == {frozenset({"id", "title", "risk", "steps"})}
    assert {frozenset(each) for each in document["errors"]} == {frozenset({"target", "what"})}


def test_locations_hold_only_what_applies(document: dict[str, Any]) -> None:
    places = {each["rule"]: each["location"] for each in document["findings"]}
    assert places["models/pickle-dangerous-global"] == {"path": "models/a.zip", "member": "inner.zip!model.pkl"}
    assert places["exposure/ollama-unauthenticated"] == {"host": "10.0.0.5", "port": 11434}
    assert places["posture/no-place"] == {}


def test_the_most_urgent_comes_first_and_the_accepted_last(document: dict[str, Any]) -> None:
    risks = [each["risk"] for each in document["findings"]]
    assert risks[:-1] == sorted(risks[:-1], reverse=True)
    assert document["findings"][-1]["rule"] == "posture/no-place"
    assert [each["finding"] for each in document["stats"]["accepted"]] == [document["findings"][-1]["id"]]
    assert len(document["stats"]["expired_acceptances"]) == len(document["stats"]["unused_acceptances"]) == 1


def test_the_baseline_is_marked_by_ids(document: dict[str, Any]) -> None:
    baseline = document["stats"]["baseline"]
    known = [each["id"] for each in document["findings"] if each["rule"] == "exposure/ollama-unauthenticated"]
    assert baseline["known"] == known
    assert len(baseline["new"]) == 8
    assert baseline["fixed"] == ["e" * 32]


def test_coverage_and_errors_are_apart(document: dict[str, Any]) -> None:
    assert document["coverage"]["checked"] == {"secrets/keys": 1}
    assert [gap["target"] for gap in document["coverage"]["skipped"]] == ["pipe"]
    assert [gap["target"] for gap in document["coverage"]["out-of-scope"]] == ["evil.example.org"]
    assert [error["what"] for error in document["errors"]] == ["models/pickle: truncated archive"]


def test_the_schema_accepts_the_document(result: Result, empty: Result, written: Written) -> None:
    validator = jsonschema_rs.validator_for(document_schema())
    for made in (result, empty):
        validator.validate(json.loads(written("json", made)))


@pytest.mark.parametrize(
    ("way", "value"),
    [
        (("schema",), "bartizan/2"),
        (("findings", 0, "severity"), "awful"),
        (("findings", 0, "risk"), 101),
        (("findings", 0, "rule"), "noslash"),
        (("findings", 0, "location", "line"), 0),
        (("findings", 0, "id"), "short"),
        (("assets", 0, "kind"), "toaster"),
        (("scan", "targets"), "one"),
        (("coverage", "checked"), []),
    ],
)
def test_the_schema_refuses_what_is_wrong(document: dict[str, Any], way: tuple[str | int, ...], value: object) -> None:
    place: Any = document
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value
    assert not jsonschema_rs.validator_for(document_schema()).is_valid(document)


@pytest.mark.parametrize("key", Document.__struct_fields__)
def test_the_schema_misses_what_is_missing(document: dict[str, Any], key: str) -> None:
    del document[key]
    assert not jsonschema_rs.validator_for(document_schema()).is_valid(document)


def test_a_document_is_a_baseline(result: Result, written: Written, tmp_path: Any) -> None:
    (tmp_path / "b.json").write_bytes(written("json", result))
    baseline = read_baseline(tmp_path / "b.json")
    assert set(baseline.known) == set(result.inventory.findings)
    assert baseline.fixed(result.inventory.findings) == []
