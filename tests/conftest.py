"""What all tests share: a home of their own, and the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True, scope="session")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data and caches of the tests stay among the tests; the compiled rules are shared by all."""
    home = tmp_path_factory.mktemp("home")
    os.environ["XDG_DATA_HOME"] = str(home / "data")
    os.environ["XDG_CACHE_HOME"] = str(home / "cache")
    return home


@dataclass(frozen=True)
class Ran:
    """What a command line printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the JSON document."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    @property
    def rules(self) -> list[str]:
        """The slugs of the findings, sorted."""
        return sorted(finding["rule"] for finding in self.document["findings"])


@pytest.fixture
def bartizan() -> Callable[..., Ran]:
    """Run the command line in a process of its own."""

    def run(*arguments: str | Path, cwd: Path | None = None, stdin: str = "", **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "bartizan", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            input=stdin,
            env=os.environ | environment,
            timeout=120,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
