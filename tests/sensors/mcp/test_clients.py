"""Client configurations of every shape, through the real readers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.finding import Finding
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.library import Library
from bartizan.scan.trial import try_packs
from bartizan.sensors.mcp.clients import Clients
from bartizan.sources.document import read_documents

LIBRARY = Library()
SENSOR = Clients(LIBRARY, Settings(fingerprint_key=b"test"))


def observe(path: str, text: str | bytes) -> list[Any]:
    data = text if isinstance(text, bytes) else text.encode()
    blob = Blob(Location(path=path), data, "text")
    assert SENSOR.wants(blob)
    return [seen for document in read_documents(blob) for seen in SENSOR.observe(document)]


def test_cases_of_the_pack_hold() -> None:
    assert try_packs(LIBRARY, LIBRARY.folders, ["mcp", "clients"])[1] == []


@pytest.mark.parametrize(
    ("path", "text", "client"),
    [
        (".config/Claude/claude_desktop_config.json", '{"mcpServers": {"a": {"command": "x"}}}', "claude-desktop"),
        (".claude.json", '{"projects": {"/p": {"mcpServers": {"a": {"command": "x"}}}}}', "claude-code"),
        (".mcp.json", '{"a": {"command": "x"}}', "claude-code"),
        (".vscode/mcp.json", '{"servers": {"a": {"command": "x"},},}', "vscode"),
        (".config/Code/User/settings.json", '{"mcp": {"servers": {"a": {"command": "x"}}}}', "vscode"),
        (".codex/config.toml", '[mcp_servers.a]\ncommand = "x"\n', "codex-cli"),
        (".config/goose/config.yaml", "extensions:\n  a:\n    type: stdio\n    cmd: x\n", "goose"),
        (".continue/config.yaml", "mcpServers:\n  - name: a\n    command: x\n", "continue"),
        ("opencode.jsonc", '{"mcp": {"a": {"type": "local", "command": ["x", "y"]}}}', "opencode"),
        (".config/zed/settings.json", '{"context_servers": {"a": {"command": "x"}}}', "zed"),
        (
            ".codeium/windsurf/mcp_config.json",
            '{"mcpServers": {"a": {"serverUrl": "https://a.example/mcp"}}}',
            "windsurf",
        ),
        (".gemini/settings.json", '{"mcpServers": {"a": {"httpUrl": "https://a.example/mcp"}}}', "gemini-cli"),
        ("any/where/tools.json", '{"mcpServers": {"a": {"command": "x"}}}', "other"),
    ],
)
def test_each_shape_gives_one_server_and_its_client(path: str, text: str, client: str) -> None:
    seen = observe(path, text)
    servers = [one for one in seen if isinstance(one, Asset) and one.kind is AssetKind.MCP_SERVER]
    agents = [one for one in seen if isinstance(one, Asset) and one.kind is AssetKind.AGENT]
    assert [server.name for server in servers] == ["a"]
    assert [agent.properties["product"] for agent in agents] == [client]


def test_utf_16_with_a_byte_order_mark() -> None:
    text = json.dumps({"mcpServers": {"a": {"command": "npx", "args": ["-y", "tavily-mcp"]}}})
    seen = observe("claude_desktop_config.json", b"\xff\xfe" + text.encode("utf-16-le"))
    assert [one.rule for one in seen if isinstance(one, Finding)] == ["mcp/unpinned-package"]


def test_the_place_is_the_value_and_the_record_the_server() -> None:
    text = '{\n  "mcpServers": {\n    "a": {"command": "npx",\n      "args": ["-y", "tavily-mcp"]}\n  }\n}'
    (finding,) = [one for one in observe("x/mcp.json", text) if isinstance(one, Finding)]
    assert (finding.location.line, finding.location.column, finding.location.record) == (4, 22, "a")


def test_a_secret_is_never_shown() -> None:
    secret = "ghp_" + "aB3dE5fG7h" * 3 + "J9kL1m"
    text = json.dumps({"mcpServers": {"a": {"command": "x", "args": ["--token", secret], "env": {"T_TOKEN": secret}}}})
    assert secret not in repr(observe("mcp.json", text))


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"mcpServers": []}',
        '{"mcpServers": {"a": null, "b": [1], "c": {"command": {}}}}',
        '{"mcpServers": 3}',
    ],
)
def test_odd_shapes_say_nothing(text: str) -> None:
    assert not [one for one in observe(".cursor/mcp.json", text) if isinstance(one, Finding)]


def test_ordinary_files_are_left_alone() -> None:
    for path, text in [("package.json", '{"name": "x"}'), ("docker-compose.yml", "services:\n  a:\n    image: x\n")]:
        assert not SENSOR.wants(Blob(Location(path=path), text.encode(), "text"))


def test_a_clean_configuration_asks_for_nothing(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "mcpServers": {
                "git": {"command": "uvx", "args": ["mcp-server-git==2026.1.14", "--repository", "/srv/repo"]},
                "docs": {"url": "https://mcp.example.org/mcp", "headers": {"Authorization": "Bearer ${input:token}"}},
            }
        }
    )
    loud = [
        one
        for one in observe(".cursor/mcp.json", text)
        if isinstance(one, Finding) and one.severity.at_least(Severity.MEDIUM)
    ]
    assert loud == []
