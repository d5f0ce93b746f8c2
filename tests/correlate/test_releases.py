"""A bad release that a configuration starts is said once, by whoever knows more of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

ENTRY = {"mcpServers": {"bridge": {"command": "npx", "args": ["mcp-remote@0.1.0", "https://mcp.example.org/mcp"]}}}


def told(bartizan: Callable[..., Any], folder: Path, *options: str) -> list[str]:
    ran = bartizan("scan", folder, "--no-store", "--quiet", "--format", "json", *options)
    return [rule for rule in ran.rules if "CVE-2025-6514" in rule or rule == "mcp/vulnerable-package"]


def test_the_snapshot_speaks_for_both(bartizan: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(json.dumps(ENTRY))
    assert len(told(bartizan, tmp_path)) == 1


def test_without_it_the_pack_does(bartizan: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(json.dumps(ENTRY))
    assert told(bartizan, tmp_path, "--only", "mcp") == ["mcp/vulnerable-package"]
