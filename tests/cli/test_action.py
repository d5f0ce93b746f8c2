"""The GitHub Action: its scan step as the runner would start it, its install step as far as that needs no network."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sensors.secrets.conftest import ANTHROPIC, fake

ROOT = Path(__file__).parent.parent.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
INSTALL, SCAN = ACTION["runs"]["steps"]
BASH = shutil.which("bash")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A checkout with a clean and an unclean folder, and the program where the install step puts it."""
    program = tmp_path / "runner" / "bartizan" / "bin" / "bartizan"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m bartizan "$@"\n')
    program.chmod(0o755)
    for name, text in (("clean/a.txt", "hello\n"), ("leaky/.env", f"A={fake(ANTHROPIC)}\n")):
        file = tmp_path / "work space" / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return tmp_path / "work space"


def _scan(workspace: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    assert BASH
    given = {name: entry["default"] for name, entry in ACTION["inputs"].items()} | inputs
    named = {name: given[text.removeprefix("${{ inputs.").removesuffix(" }}")] for name, text in SCAN["env"].items()}
    return subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", SCAN["run"]],
        cwd=workspace,
        env=os.environ | named | {"RUNNER_TEMP": str(workspace.parent / "runner")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.skipif(BASH is None, reason="the steps are written for bash")
@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"targets": "clean"}, 0),
        ({"targets": "leaky"}, 1),
        ({"targets": "clean leaky"}, 1),
        ({"targets": "clean\nleaky\n"}, 1),
        ({}, 1),
        ({"targets": "leaky", "fail-on": "critical"}, 0),
        ({"targets": "*"}, 2),
        ({"targets": "./clean/a.txt;true"}, 2),
        ({"fail-on": "terrible"}, 2),
    ],
)
def test_the_step_ends_as_the_scan_does(workspace: Path, inputs: dict[str, str], code: int) -> None:
    done = _scan(workspace, **inputs)
    assert done.returncode == code, done.stderr
    if code < 2:
        document = json.loads((workspace / ACTION["inputs"]["sarif"]["default"]).read_text())
        results = document["runs"][0]["results"]
        assert bool(results) == ("leaky" in inputs.get("targets", "leaky"))


@pytest.mark.skipif(BASH is None, reason="the steps are written for bash")
def test_what_cannot_be_read_is_a_warning(workspace: Path) -> None:
    broken = workspace / "clean" / "a.zip"
    with zipfile.ZipFile(broken, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "x" * 100_000)
    broken.write_bytes(broken.read_bytes()[:90])
    done = _scan(workspace, targets="clean")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("::warning ")


def test_what_the_steps_name_is_there() -> None:
    assert (ROOT / "requirements.txt").is_file()
    assert "$GITHUB_ACTION_PATH/requirements.txt" in INSTALL["run"]
    assert "hatchling" in (ROOT / "requirements.txt").read_text()  # built without isolation
    assert all(step["shell"] == "bash" for step in (INSTALL, SCAN))
    assert ACTION["outputs"]["sarif"]["value"] == "${{ inputs.sarif }}"
    assert "${{" not in INSTALL["run"] + SCAN["run"]  # inputs reach the shell as variables, never as its text
