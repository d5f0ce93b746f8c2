"""Environments against their own records."""

from __future__ import annotations

import base64
import hashlib
import sysconfig
from pathlib import Path

from bartizan.model.coverage import Coverage
from bartizan.model.finding import Finding
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.library import Library
from bartizan.sensors.packages.environments import Environments, read_record
from bartizan.sources.directory import Directory

LIBRARY = Library()


def install(site: Path, package: str, files: dict[str, bytes], installer: str = "pip") -> None:
    info = f"{package}-1.0.dist-info"
    contents = {**files, f"{info}/METADATA": f"Name: {package}\nVersion: 1.0\n\n".encode()}
    if installer:
        contents[f"{info}/INSTALLER"] = installer.encode()
    lines = []
    for name, content in contents.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    (site / info / "RECORD").write_text("".join(lines) + f"{info}/RECORD,,\n")


def observed(site: Path, settings: Settings | None = None) -> list[Observation]:
    sensor = Environments(LIBRARY, settings or Settings())
    folder = Directory(str(site), "")
    assert sensor.wants(folder)
    return list(sensor.observe(folder))


def findings(site: Path) -> list[Finding]:
    return [item for item in observed(site) if isinstance(item, Finding)]


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    install(tmp_path, "a", {"a/__init__.py": b"x = 1\n", "a/core.py": b"y = 1\n", "a/more.py": b"z = 1\n"})
    assert findings(tmp_path) == []
    (tmp_path / "a" / "core.py").write_bytes(b"import os\n")
    (tmp_path / "a" / "more.py").unlink()
    found = findings(tmp_path)
    assert [(one.location.path, one.severity) for one in found] == [("a/core.py", Severity.MEDIUM)]


def test_what_a_distribution_packed_anew_is_a_gap(tmp_path: Path) -> None:
    install(tmp_path, "a", {f"a/{number}.py": b"x\n" for number in range(4)}, installer="")
    for number in range(4):
        (tmp_path / "a" / f"{number}.py").write_bytes(b"y\n")
    seen = observed(tmp_path)
    assert [type(item) for item in seen] == [Coverage]


def test_the_budget_is_said(tmp_path: Path) -> None:
    install(tmp_path, "a", {f"a/{number}.py": b"" for number in range(3_100)})
    gaps = [item for item in observed(tmp_path) if isinstance(item, Coverage)]
    assert "3000 of 3100" in gaps[0].reason
    assert not any(isinstance(item, Coverage) for item in observed(tmp_path, Settings(deep=True)))


def test_records_that_point_outside_are_not_followed() -> None:
    text = "../../etc/x.py,sha256=AAAA,1\n/etc/y.py,sha256=AAAA,1\na/../../z.py,sha256=AAAA,1\nb.py,md5=AA,1\nc,,\n\0\n"
    assert list(read_record(text)) == []


def test_the_environment_of_the_tests_is_as_installed() -> None:
    site = Path(sysconfig.get_path("purelib"))
    assert [one for one in findings(site) if one.severity.at_least(Severity.MEDIUM)] == []
