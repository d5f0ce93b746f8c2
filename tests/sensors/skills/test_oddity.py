"""Links, machine code and locked archives."""

from __future__ import annotations

from pathlib import Path

import pytest

from bartizan.model.finding import Finding
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.library import Library
from bartizan.sensors.skills.oddity import file_units, kind_of
from bartizan.sensors.skills.skills import Skills
from bartizan.sources.directory import Directory

HEAD = "---\nname: demo\ndescription: Helps with pictures\n---\n\nSee the files.\n"


@pytest.fixture(scope="module")
def sensor() -> Skills:
    return Skills(Library(), Settings())


def seen(sensor: Skills, root: Path) -> dict[str, Severity]:
    (root / "s" / "SKILL.md").write_text(HEAD)
    found = [each for each in sensor.observe(Directory(str(root), "s")) if isinstance(each, Finding)]
    assert all(each.location.line is None or each.location.line > 0 for each in found)
    return {f"{each.rule} {each.location.path}": each.severity for each in found}


def test_a_link_to_private_files_is_told_and_not_followed(sensor: Skills, tmp_path: Path) -> None:
    (tmp_path / "s" / "docs").mkdir(parents=True)
    (tmp_path / "s" / "docs" / "style.md").symlink_to("../../../../.ssh/config")
    (tmp_path / "s" / "docs" / "near.md").symlink_to("../SKILL.md")
    (tmp_path / "s" / "shared.md").symlink_to("../other/shared.md")
    found = seen(sensor, tmp_path)
    assert found == {
        "skills/path-outside s/docs/style.md": Severity.HIGH,
        "skills/path-outside s/shared.md": Severity.LOW,
    }


def test_what_nobody_can_look_into_is_told(sensor: Skills, tmp_path: Path) -> None:
    (tmp_path / "s" / "__pycache__").mkdir(parents=True)
    files = {
        "kit.zip": b"PK\x03\x04\x14\x00\x01\x00\x08\x00" + bytes(40),
        "test.txt": (b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"),
        "__pycache__/gone.cpython-311.pyc": b"\xa7\r\r\n" + bytes(20),
        "__pycache__/here.cpython-311.pyc": b"\xa7\r\r\n" + bytes(20),
        "here.py": b"print(1)\n",
        "tool": b"\x7fELF" + bytes(60),
    }
    for name, data in files.items():
        (tmp_path / "s" / name).write_bytes(data)
    found = seen(sensor, tmp_path)
    assert found == {
        "skills/malicious-file s/kit.zip": Severity.MEDIUM,
        "skills/malicious-file s/test.txt": Severity.MEDIUM,
        "skills/malicious-file s/__pycache__/gone.cpython-311.pyc": Severity.MEDIUM,
        "skills/binary-content s/tool": Severity.LOW,
    }


def test_kinds() -> None:
    assert kind_of("a.md", b"text") == ""
    assert kind_of("a", b"MZ" + bytes(9)) == "machine code"
    assert [unit.text for unit in file_units({"a/b.pyc": "byte code"}, {"a/b.py"})] == ["a/b.pyc: byte code"]
