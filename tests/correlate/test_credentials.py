from __future__ import annotations

import json
from typing import Any

from tests.sensors.secrets.conftest import OPENAI, fake


def test_a_server_uses_the_credentials_in_its_own_block(bartizan: Any, tmp_path: Any) -> None:
    servers = {
        "crm": {"command": "npx", "args": ["-y", "crm-mcp@1.0.0"], "env": {"CRM_API_KEY": fake("<<alnum 36>>")}},
        "llm": {"command": "npx", "args": ["llm-mcp@1.0.0"], "env": {"MODE": "x", "OPENAI_API_KEY": fake(OPENAI)}},
        "web": {"url": "https://mcp.acme.dev/mcp", "headers": {"Authorization": f"Bearer {fake('<<alnum 40>>')}"}},
    }
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": servers}, indent=2))
    document = bartizan("scan", tmp_path, "--no-store", "--format", "json").document
    assets = {asset["id"]: asset for asset in document["assets"]}
    used = {
        (assets[relation["source"]]["name"], assets[relation["target"]]["properties"]["type"])
        for relation in document["relations"]
        if relation["kind"] == "uses" and assets[relation["target"]]["kind"] == "credential"
    }
    assert used == {("crm", "mcp-env-secret"), ("llm", "openai-project"), ("web", "mcp-bearer")}
