"""What all formats have in common."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from bartizan.model.errors import UsageError
from bartizan.report.format import FORMATS, format_named, format_of
from bartizan.report.result import Result

Written = Callable[[str, Result], bytes]
LIGHT = [form.name for form in FORMATS if form.name != "pdf"]


def slugs_of(name: str, written: bytes) -> Counter[str]:
    """The slug of each result, read with a parser of the format."""
    match name:
        case "json":
            return Counter(found["rule"] for found in json.loads(written)["findings"])
        case "jsonl":
            return Counter(json.loads(line)["rule"] for line in written.splitlines())
        case "sarif":
            return Counter(found["ruleId"] for found in json.loads(written)["runs"][0]["results"])
        case "csv":
            return Counter(row["rule"] for row in csv.DictReader(io.StringIO(written.decode(), newline="")))
        case "junit":
            return Counter(failed.get("type", "") for failed in ET.fromstring(written).iter("failure"))
        case "ocsf":
            return Counter(event["finding_info"]["analytic"]["uid"] for event in json.loads(written))
        case "stix":
            objects = [each for each in json.loads(written)["objects"] if each["type"] == "vulnerability"]
            return Counter(each["external_references"][0]["external_id"] for each in objects)
        case "cyclonedx":
            bom = json.loads(written)
            properties = [{p["name"]: p["value"] for p in each["properties"]} for each in bom["vulnerabilities"]]
            others = [re.split("[ :]", each["text"])[0] for each in bom["annotations"]]
            return Counter([*(each["bartizan:rule"] for each in properties), *others])
        case "html":
            return Counter(re.findall(r"<dt>Rule</dt><dd><code>(.*?)</code>", written.decode()))
        case "md":
            rows = [line for line in written.decode().splitlines() if re.match(r"\| [\d.]+ \|", line) and "`" in line]
            return Counter(row.split("|")[3].strip(" `") for row in rows)
        case _:
            rows = [line for line in written.decode().splitlines() if re.match(r" *\d+\.\d  ", line)]
            return Counter(row.split()[2] for row in rows)


@pytest.mark.parametrize("name", LIGHT)
def test_every_format_has_each_finding_once_with_its_slug(name: str, result: Result, written: Written) -> None:
    expected = Counter(found.rule for found in result.inventory.findings.values())
    assert sum(expected.values()) == 9
    assert slugs_of(name, written(name, result)) == expected


@pytest.mark.parametrize("name", LIGHT)
def test_a_format_is_the_same_whatever_the_order_in_which_things_were_seen(
    name: str, result: Result, written: Written
) -> None:
    def backwards(table: dict[str, object]) -> dict[str, object]:
        return dict(reversed(table.items()))

    seen = result.inventory
    turned = replace(
        seen,
        assets=backwards(seen.assets),  # type: ignore[arg-type]
        relations=backwards(seen.relations),  # type: ignore[arg-type]
        findings=backwards(seen.findings),  # type: ignore[arg-type]
        gaps=dict(reversed(seen.gaps.items())),
    )
    assert written(name, replace(result, inventory=turned)) == written(name, result)


@pytest.mark.parametrize("name", LIGHT)
def test_every_format_is_utf8_without_what_moves_a_terminal(name: str, result: Result, written: Written) -> None:
    text = written(name, result).decode()
    if name not in ("json", "jsonl", "sarif", "cyclonedx", "ocsf", "stix"):  # there it is an escape of JSON
        assert not re.search("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\x80-\x9f]", text)
    assert "\x1b" not in text
    assert text.endswith("\n")


@pytest.mark.parametrize("name", LIGHT)
def test_nothing_found_is_a_valid_report(name: str, empty: Result, written: Written) -> None:
    assert not slugs_of(name, written(name, empty))


@pytest.mark.parametrize("name", LIGHT)
def test_ten_thousand_findings_are_quick(name: str, many: Result, written: Written) -> None:
    start = time.process_time()
    size = len(written(name, many))
    assert time.process_time() - start < 6  # about 1 s; the margin is for a busy machine
    assert size < 40_000_000


def test_a_suffix_or_a_name_tells_the_format() -> None:
    assert format_of("out/report.CDX.json").name == "cyclonedx"
    assert format_of("r.ocsf.json").name == "ocsf"
    assert format_of("r.json").name == "json"
    assert format_of("a.junit.xml").name == "junit"
    assert {format_of(f"x{form.suffix}") for form in FORMATS} == set(FORMATS)
    assert {format_named(form.name) for form in FORMATS} == set(FORMATS)
    assert format_named("cdx.json") is format_named("cyclonedx")
    assert format_named(".junit.xml") is format_named("JUnit")


@pytest.mark.parametrize("name", ["report.doc", "report", "report.xml", "json"])
def test_an_unknown_suffix_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="tells no format: it may end in"):
        format_of(name)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UsageError, match="no format is called 'yaml': known are table"):
        format_named("yaml")


def test_a_format_is_imported_only_when_it_is_used() -> None:
    program = (
        "import sys; from bartizan.report.format import format_named; format_named('json').load()\n"
        "print([m for m in ('jinja2', 'rich', 'sqlalchemy', 'bartizan.report.html') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert answer == "[]\n"
