"""Live servers on loopback: what is found, and what hostile ones can do to the scan."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Finding
from bartizan.model.settings import Settings
from bartizan.net.connection import Door
from bartizan.net.pace import Pace
from bartizan.net.service import LiveService
from bartizan.rules.library import Library
from bartizan.scope.guard import Guard
from bartizan.sensors.mcp.servers import Servers
from bartizan.sources import dialogue
from bartizan.sources.dialogue import HttpDialogue

_SPEC = importlib.util.spec_from_file_location("hostile", Path(__file__).with_name("hostile.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
hostile: Any = importlib.util.module_from_spec(_SPEC)
sys.modules["hostile"] = hostile
_SPEC.loader.exec_module(hostile)

SENSOR = Servers(Library(), Settings())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "SECONDS", 1.0)


def look(server: Any, path: str = "/mcp") -> list[Any]:
    service = LiveService(Door(Guard(), Pace()), "127.0.0.1", server.server_address[1], path=path)
    session = HttpDialogue(service, named=path != "/")
    try:
        return list(SENSOR.observe(session))
    finally:
        session.close()
        service.close()


def rules(seen: list[Any]) -> set[str]:
    return {one.rule for one in seen if isinstance(one, Finding)}


def test_an_open_server_that_checks_nothing() -> None:
    with hostile.serving(hostile.honest) as server:
        seen = look(server)
    assert {"mcp/unauthenticated", "mcp/origin-not-checked", "mcp/host-not-checked"} <= rules(seen)
    (asset,) = [one for one in seen if isinstance(one, Asset) and one.kind is AssetKind.MCP_SERVER]
    assert asset.properties["era"] == "session"
    assert [one.name for one in seen if isinstance(one, Asset) and one.kind is AssetKind.MCP_TOOL] == ["add"]


def test_only_lists_are_asked_for() -> None:
    with hostile.serving(hostile.honest) as server:
        look(server)
        asked = {json.loads(body).get("method") for _, _, body in server.seen if body.endswith(b"}")}
    assert asked <= {
        "server/discover",
        "initialize",
        "notifications/initialized",
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
    }


def test_without_a_named_path_the_usual_places_are_tried() -> None:
    with hostile.serving(hostile.honest) as server:
        assert "mcp/unauthenticated" in rules(look(server, "/"))


def test_what_is_no_mcp_server_says_nothing() -> None:
    def plain(handler: Any, _message: Any) -> None:
        handler.send(200, b'{"status": "ok"}')

    with hostile.serving(plain) as server:
        assert look(server) == []


@pytest.mark.parametrize("name", ["silent", "flood", "huge", "not_json", "deep", "dies", "away"])
def test_a_list_that_cannot_be_read_is_one_line_and_the_rest_is_done(name: str) -> None:
    with hostile.serving(hostile.on_list(getattr(hostile, name))) as server:
        seen = look(server)
        assert all("198.51.100" not in str(headers) for _, headers, _ in server.seen)
    failed = [one for one in seen if isinstance(one, Coverage) and one.outcome is Outcome.FAILED]
    assert len(failed) == 1
    assert failed[0].reason.startswith("tools/list: ")
    assert "\n" not in failed[0].reason
    assert any(isinstance(one, Asset) and one.kind is AssetKind.MCP_SERVER for one in seen)


@pytest.mark.parametrize(
    ("name", "oddity"),
    [
        ("not_utf8", "not UTF-8"),
        ("asks_back", "asked the client for sampling/createMessage"),
        ("asks_back", "not asked"),
    ],
)
def test_odd_messages_are_told_and_the_tools_still_read(name: str, oddity: str) -> None:
    with hostile.serving(hostile.on_list(getattr(hostile, name))) as server:
        seen = look(server)
    told = [
        one.evidence[0].summary for one in seen if isinstance(one, Finding) and one.rule == "mcp/malformed-messages"
    ]
    assert any(oddity in text for text in told)
    assert any(isinstance(one, Asset) and one.kind is AssetKind.MCP_TOOL for one in seen)


def test_a_protected_server_is_not_called_open() -> None:
    def refuse(handler: Any, _message: Any) -> None:
        port = handler.server.server_address[1]
        where = f"http://127.0.0.1:{port}/.well-known/oauth-protected-resource/mcp"
        handler.send(401, b"{}", www_authenticate=f'Bearer resource_metadata="{where}"')

    with hostile.serving(refuse) as server:
        seen = look(server)
    (asset,) = [one for one in seen if isinstance(one, Asset)]
    assert asset.properties["access"] == "token"
    assert rules(seen) == {"mcp/no-resource-metadata"}  # what the refusal names is not there


def test_a_made_up_token_that_opens_the_door() -> None:
    def lax(handler: Any, message: Any) -> None:
        if handler.headers.get("authorization"):
            hostile.honest(handler, message)
        else:
            handler.send(401, b"{}", www_authenticate="Bearer")

    with hostile.serving(lax) as server:
        assert "mcp/fail-open-token" in rules(look(server))


def test_sequential_session_ids() -> None:
    count = iter(range(100, 10_000))

    def numbered(handler: Any, message: Any) -> None:
        if message.get("method") == "initialize":
            result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "n"}}
            body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
            handler.send(200, body, Mcp_Session_Id=f"session-{next(count)}")
        else:
            hostile.honest(handler, message)

    with hostile.serving(numbered) as server:
        assert "mcp/weak-session-id" in rules(look(server))
