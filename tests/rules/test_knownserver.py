"""Known servers, found by what an entry runs or calls."""

from __future__ import annotations

import pytest

from bartizan.rules.knownserver import Directory
from bartizan.rules.library import Library
from bartizan.rules.mcp import flow_facts, known_servers

DIRECTORY = Directory(known_servers(Library()))
TRADES = flow_facts(Library()).trades


@pytest.mark.parametrize(
    ("ecosystem", "package", "url", "command", "found"),
    [
        ("pypi", "awslabs-aws-documentation-mcp-server", "", "uvx x", "aws-docs"),
        ("pypi", "terminal_controller", "", "uvx terminal_controller", "shell"),
        ("npm", "@upstash/context7-mcp", "", "npx", "context7"),
        ("", "", "https://mcp.notion.com/mcp", "", "notion"),
        ("", "", "", "/usr/local/bin/mcp-server-fetch --debug", "fetch"),
        ("npm", "mcp-remote", "", "npx -y mcp-remote@0.1.30 https://mcp.atlassian.com/v1/sse", "atlassian"),
        ("npm", "supergateway", "", "npx supergateway --stdio mcp-server-time@1", "time"),
        ("npm", "mcp-remote", "", "npx mcp-remote https://tools.acme.example/mcp", None),
        ("npm", "@acme/notes", "", "npx @acme/notes", None),
    ],
)
def test_found(ecosystem: str, package: str, url: str, command: str, found: str | None) -> None:
    server = DIRECTORY.find(ecosystem, package, url, command)
    assert (server.id if server else None) == found


def test_a_name_says_what_to_expect() -> None:
    assert TRADES.expected({"acme", "gmail", "mcp"}) == {"untrusted", "private", "external"}
    assert TRADES.expected({"postgres", "docs"}) == frozenset()
    assert TRADES.expected({"acme", "mcp"}) == frozenset()
