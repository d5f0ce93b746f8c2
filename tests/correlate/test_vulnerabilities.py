"""Advisories against assets."""

from __future__ import annotations

from typing import Any

import pytest

from bartizan.correlate.vulnerabilities import match_vulnerabilities, read_purl
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Finding
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.severity import Severity
from bartizan.rules.library import Library

LIBRARY = Library()


class Nothing:
    """The state before the first scan."""

    def asset(self, key: str) -> None:
        return None


def found(*assets: Asset) -> dict[str, Finding]:
    inventory = Inventory()
    inventory.add(assets)
    seen = match_vulnerabilities(inventory, Nothing(), LIBRARY)
    return {item.rule: item for item in seen if isinstance(item, Finding)}


def service(product: str, **properties: Any) -> Asset:
    place = Location(host="127.0.0.1", port=8000)
    return Asset(AssetKind.AI_SERVICE, product, place, {"product": product, **properties})


def package(purl: str, *places: str) -> Asset:
    first, *rest = (Location(path=place, line=3) for place in places or ("requirements.txt",))
    return Asset(AssetKind.PACKAGE, "p", first, {"purl": purl, "version": purl.rpartition("@")[2]}, purl, tuple(rest))


def test_a_service_in_the_affected_range() -> None:
    findings = found(service("ollama", version="0.1.33", version_of="ollama", access="open"))
    assert findings["vuln/CVE-2024-37032"].severity is Severity.HIGH
    assert "vuln/CVE-2024-37032" not in found(service("ollama", version="0.1.34", version_of="ollama"))


def test_a_version_of_something_else_is_matched_against_that() -> None:
    findings = found(service("jupyterlab", version="2.14.0", version_of="jupyter-server", access="token"))
    assert "vuln/CVE-2024-35178" in findings
    assert not any("JupyterLab" in finding.title for finding in findings.values())
    assert "that of jupyter-server" in findings["vuln/undecided"].evidence[0].detail


def test_without_a_version_nothing_is_claimed() -> None:
    findings = found(service("vllm", access="open"))
    assert list(findings) == ["vuln/undecided"]
    assert findings["vuln/undecided"].severity is Severity.INFO


def test_the_dispute_about_ray_is_decided_by_access() -> None:
    assert "vuln/CVE-2023-48022" in found(service("ray", version="2.60.0", version_of="ray", access="open"))
    assert "vuln/CVE-2023-48022" not in found(service("ray", version="2.60.0", version_of="ray", access="token"))


def test_a_package_is_named_at_each_of_its_places_once() -> None:
    inventory = Inventory()
    inventory.add([package("pkg:pypi/torch@2.5.1", "a/requirements.txt", "b/uv.lock")])
    seen = [item for item in match_vulnerabilities(inventory, Nothing(), LIBRARY) if isinstance(item, Finding)]
    places = [str(item.location.path) for item in seen if item.rule == "vuln/CVE-2025-32434"]
    assert sorted(places) == ["a/requirements.txt", "b/uv.lock"]
    assert len({item.id for item in seen}) == len(seen)


@pytest.mark.parametrize(
    ("purl", "rule", "is_affected"),
    [
        ("pkg:pypi/langchain@1.2.3", "vuln/CVE-2025-68664", False),
        ("pkg:pypi/langchain-core@1.2.3", "vuln/CVE-2025-68664", True),
        ("pkg:pypi/langflow@1.8.2", "vuln/CVE-2026-33017", True),
        ("pkg:pypi/langflow@1.9.0", "vuln/CVE-2026-33017", False),
        ("pkg:pypi/tensorflow-gpu@2.3.0", "vuln/CVE-2021-29513", True),
        ("pkg:npm/%40modelcontextprotocol/inspector@0.14.0", "vuln/CVE-2025-49596", True),
        ("pkg:golang/github.com/ollama/ollama@v0.1.33", "vuln/CVE-2024-37032", True),
        ("pkg:npm/openclaw@2026.2.22", "vuln/GHSA-wpph-cjgr-7c39", False),
        ("pkg:npm/openclaw@2026.2.21", "vuln/GHSA-wpph-cjgr-7c39", True),
    ],
)
def test_packages(purl: str, rule: str, is_affected: bool) -> None:
    assert (rule in found(package(purl))) is is_affected


def test_an_unpinned_package_says_nothing() -> None:
    assert found(package("pkg:pypi/torch")) == {}


@pytest.mark.parametrize(
    ("purl", "parts"),
    [
        ("pkg:npm/%40scope/name@1.0.0", ("npm", "@scope/name", "1.0.0")),
        ("pkg:golang/example.com/a/b@v1.0.0+incompatible", ("golang", "example.com/a/b", "v1.0.0+incompatible")),
        ("pkg:pypi/torch?extra=1#x", ("pypi", "torch", "")),
        ("nonsense", ("nonsense", "", "")),
    ],
)
def test_package_urls(purl: str, parts: tuple[str, str, str]) -> None:
    assert read_purl(purl) == parts
