"""Combinations of servers, labelled: what a stranger's text can do through them is told, and harmless ones are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

LABELLED = Path(__file__).parents[1] / "sensors" / "mcp" / "labelled" / "flows.yaml"


def written(case: Any) -> tuple[str, str]:
    """Name and text of the file that holds the case."""
    if isinstance(case, dict):
        servers = [
            {"name": name, "tools": [{"name": tool, "description": says} for tool, says in tools.items()]}
            for name, tools in case["tools"].items()
        ]
        return "servers.json", json.dumps(servers)
    return ".mcp.json", json.dumps({"mcpServers": {f"s{number}": _entry(text) for number, text in enumerate(case)}})


def _entry(text: str) -> dict[str, Any]:
    package, _, arguments = text.partition(" ")
    if "://" in package:
        return {"type": "http", "url": package}
    if package.startswith("pypi:"):
        return {"command": "uvx", "args": [f"{package[5:]}==1.0.0", *arguments.split()]}
    return {"command": "npx", "args": ["-y", f"{package}@1.0.0", *arguments.split()]}


def test_the_labelled_combinations(bartizan: Callable[..., Any], tmp_path: Path) -> None:
    table = yaml.safe_load(LABELLED.read_text())
    for label, cases in table.items():
        for number, case in enumerate(cases):
            name, text = written(case)
            folder = tmp_path / f"{label}-{number}"
            folder.mkdir()
            (folder / name).write_text(text)
    ran = bartizan("scan", tmp_path, "--only", "mcp", "--no-store", "--quiet", "--format", "json")
    loud = {
        found["location"]["path"].partition("/")[0]
        for found in ran.document["findings"]
        if found["rule"] == "mcp/toxic-flow" and found["severity"] in ("medium", "high", "critical")
    }
    missed = {f"toxic-{number}" for number in range(len(table["toxic"]))} - loud
    false = {name for name in loud if name.startswith("harmless-")}
    assert (sorted(missed), sorted(false)) == ([], [])
