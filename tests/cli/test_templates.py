"""Files that cannot be parsed: errors only where there is no doubt what they should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

Bartizan = Callable[..., Ran]

CHART = """data:
{{- if .Values.mcp }}
  mcpServers: {{ toYaml .Values.servers | indent 4 }}
{{- end }}
"""
SERVERS = """mcpServers:
  one:
    command: npx
    args: ["-y", "example-server"]
"""


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("chart/templates/deploy.yaml", CHART, "a template, not a document"),
        ("notes.yaml", "mcpServers:\n  a: [1\n  b: }\n", "line 3: not YAML"),
        ("example.json", '{"mcpServers": {"a": {"command": "npx", }\n', "line 2: not JSON"),
        ("tools.json", '{"tools": [{"name": "x", "inputSchema": \n', "line 2: not JSON"),
    ],
)
def test_what_only_resembles_is_passed_over(
    bartizan: Bartizan, tmp_path: Path, path: str, text: str, reason: str
) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    ran = bartizan("scan", tmp_path, "--no-store", "--format", "json", "--only", "mcp")
    assert (ran.code, ran.document["errors"]) == (0, [])
    [skipped] = ran.document["coverage"]["skipped"]
    assert skipped["target"] == path
    assert skipped["reason"].startswith(reason)


def test_a_clients_own_configuration_is_an_error_with_its_line(bartizan: Bartizan, tmp_path: Path) -> None:
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor" / "mcp.json").write_text('{"mcpServers": {"a": {"command": "npx"\n')
    ran = bartizan("scan", tmp_path, "--no-store", "--format", "json", "--only", "mcp")
    assert ran.code == 3
    [error] = ran.document["errors"]
    assert error["target"] == ".cursor/mcp.json"
    assert error["what"].startswith("line 2: ")


def test_one_bad_document_of_several(bartizan: Bartizan, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(f"a: 1\n---\n[}}\n---\n{SERVERS}")
    ran = bartizan("scan", tmp_path, "--no-store", "--format", "json", "--only", "mcp")
    assert ran.code == 0
    assert "mcp/unpinned-package" in ran.rules
    assert {finding["location"]["line"] for finding in ran.document["findings"]} == {8}
