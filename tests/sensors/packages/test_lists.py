"""Lists through the sensor: assets fit for a bill of materials, findings at their lines."""

from __future__ import annotations

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.finding import Finding
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.relation import RelationKind
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.sensors.packages.installed import Installed
from bartizan.sensors.packages.lists import Lists, reader_of

LIBRARY = Library()
LISTS = Lists(LIBRARY, Settings())


def observed(path: str, text: str) -> tuple[dict[str, Asset], list[Finding]]:
    blob = Blob(Location(path=path), text.encode(), "text")
    assert LISTS.wants(blob)
    inventory = Inventory()
    inventory.add(LISTS.observe(blob))
    packages = {one.name: one for one in inventory.assets.values() if one.kind is AssetKind.PACKAGE}
    return packages, sorted(inventory.findings.values(), key=lambda one: (one.location.line or 0, one.rule))


def test_assets_carry_what_a_bill_of_materials_needs() -> None:
    digest = "0" * 64
    packages, _ = observed("requirements.txt", f"openai==1.2.3 --hash=sha256:{digest}\nnumpy>=1\n")
    assert packages["openai"].key == "pkg:pypi/openai@1.2.3"
    assert packages["openai"].properties == {
        "ecosystem": "pypi", "purl": "pkg:pypi/openai@1.2.3", "version": "1.2.3", "digests": [f"sha256:{digest}"],
        "sha256": digest,
        "direct": True, "sdk": "openai", "role": "llm",
    }  # fmt: skip
    assert packages["numpy"].properties["constraint"] == ">=1"
    assert "version" not in packages["numpy"].properties


def test_findings_stand_at_their_lines() -> None:
    text = "numpy==1.26.4\n--extra-index-url https://user:word@b.example.com/simple\nlitellm==1.82.7\ntranformers\n"
    packages, findings = observed("sub/requirements-dev.txt", text)
    assert [(one.location.line, one.rule) for one in findings] == [
        (2, "packages/extra-index"), (3, "packages/malicious-release"), (4, "packages/typosquat"),
        (4, "packages/unpinned"),
    ]  # fmt: skip
    assert "word" not in str(findings[0].evidence)
    assert all(one.asset for one in findings)
    assert len(packages) == 3


def test_a_list_contains_its_packages() -> None:
    inventory = Inventory()
    inventory.add(LISTS.observe(Blob(Location(path="requirements.txt"), b"openai==1.2.3\nnumpy==1.26.4\n", "text")))
    (home,) = (one for one in inventory.assets.values() if one.kind is AssetKind.ARTIFACT)
    ends = {(relation.kind, relation.source, relation.target) for relation in inventory.relations.values()}
    packages = {one.id for one in inventory.assets.values() if one.kind is AssetKind.PACKAGE}
    assert ends == {(RelationKind.CONTAINS, home.id, package) for package in packages}


def test_a_windows_file_is_read_like_any_other() -> None:
    packages, _ = observed("requirements.txt", "\ufeffopenai==1.2.3\r\nnumpy==1.26.4\r\n")
    assert set(packages) == {"openai", "numpy"}


def test_names_of_files() -> None:
    wanted = ["requirements.txt", "requirements-gpu.txt", "requirements/base.in", "dev-requirements.txt",
              "constraints.txt",
              "a/b/poetry.lock", "x.csproj", "pylock.dev.toml", "go.sum"]  # fmt: skip
    assert all(reader_of(path) for path in wanted)
    assert not any(reader_of(path) for path in ["readme.txt", "notes/in.txt", "robots.txt", "lock", "package.jsonl"])


def test_lists_inside_installed_packages_are_not_the_projects() -> None:
    assert not LISTS.wants(Blob(Location(path="node_modules/a/package.json"), b"{}", "text"))
    assert not LISTS.wants(Blob(Location(path="x/node_modules/a/yarn.lock"), b"", "text"))


def test_installed_metadata() -> None:
    installed = Installed(LIBRARY, Settings())
    blob = Blob(
        Location(path="site-packages/ultralytics-8.3.41.dist-info/METADATA"), b"Name: ultralytics\nVersion: 8.3.41\n"
    )
    assert installed.wants(blob)
    assert [one.rule for one in installed.observe(blob) if isinstance(one, Finding)] == ["packages/malicious-release"]
    assert installed.wants(Blob(Location(path="x/node_modules/@s/a/package.json"), b"{}"))
    assert not installed.wants(Blob(Location(path="x/node_modules/a/test/fixtures/package.json"), b"{}"))
