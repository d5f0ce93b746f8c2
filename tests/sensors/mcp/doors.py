"""MCP servers over HTTP whose every door can be left open: one switch for each flaw, all shut by default.

A careful one asks for a token, says where its metadata is, checks Origin, Host, session ids and headers, and answers
malformed questions with a code. Both eras are spoken unless `eras` says otherwise.
"""

from __future__ import annotations

import json
import secrets
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.sensors.mcp.hostile import served

ADD = {
    "name": "add",
    "description": "Adds two numbers.",
    "inputSchema": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}},
    "annotations": {"readOnlyHint": True, "openWorldHint": False},
}
SHELL = {
    "name": "run_command",
    "description": "Runs a shell command on the host and returns its output.",
    "inputSchema": {"type": "object", "properties": {"command": {"type": "string"}}},
}
NEVER = "http://"
"""Joined at run time so that no address of this file is taken for one."""


@dataclass(slots=True)
class Door:
    """How one server behaves. What is given as a function takes the server's own address."""

    eras: tuple[str, ...] = ("modern", "session")
    version: str = "2025-06-18"
    token: str | None = "set when served"
    accepts: Callable[[str], bool] = lambda _token: False
    """Tokens taken besides the right one."""
    guarded: tuple[str, ...] = ("*",)
    """Methods that need the token; all by default."""
    scheme: str = "bearer"
    challenge: Callable[[str], str] | None = lambda base: (
        f'Bearer resource_metadata="{base}/.well-known/oauth-protected-resource/mcp"'
    )
    refusal: int = 401
    resource: Callable[[str], Any] | None = lambda base: {
        "resource": f"{base}/mcp",
        "authorization_servers": [base],
        "bearer_methods_supported": ["header"],
    }
    resource_path: str = "/.well-known/oauth-protected-resource/mcp"
    authority: Callable[[str], Any] | None = lambda base: {
        "issuer": base,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
    authority_path: str = "/.well-known/oauth-authorization-server"
    checks_origin: bool = True
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    cors: Callable[[str], dict[str, str]] = lambda _origin: {}
    new_session: Callable[[], str] | None = lambda: secrets.token_urlsafe(24)
    checks_session: bool = True
    ends_session: bool = True
    checks_headers: bool = True
    broken: Callable[[], tuple[int, bytes]] = lambda: (
        400,
        b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}',
    )
    tools: Callable[[str], list[dict[str, Any]]] = lambda _client: [ADD]
    resources: tuple[dict[str, Any], ...] = ()
    templates: tuple[dict[str, Any], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    """Further members of every result."""
    banner: str = ""
    bind: str = "127.0.0.1"
    redirect: str = ""
    own_token: str = ""

    def open(self, **changes: Any) -> Door:
        """The same without a token."""
        return replace(self, token=None, **changes)


class Visitor(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: DoorServer

    def version_string(self) -> str:
        return self.server.door.banner or "server"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return

    def send(self, status: int, value: Any = None, **headers: str) -> None:
        body = value if isinstance(value, bytes) else b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        for name, text in {**headers, **self.server.door.cors(self.headers.get("origin", ""))}.items():
            self.send_header(name.replace("_", "-"), text)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, status: int, code: int, message: str, number: Any = None) -> None:
        self.send(status, {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}})

    def do_GET(self) -> None:
        door = self.server.door
        if door.resource is not None and self.path == door.resource_path:
            self.send(200, door.resource(self.server.base))
        elif door.authority is not None and self.path == door.authority_path:
            self.send(200, door.authority(self.server.base))
        elif self.path == "/mcp":
            self.send(405)
        else:
            self.send(404, {"error": "not found"})

    def do_OPTIONS(self) -> None:
        self.send(204 if self.server.door.cors(self.headers.get("origin", "")) else 405)

    def do_DELETE(self) -> None:
        if self.path == "/mcp" and self.server.door.ends_session:
            self.server.sessions.discard(self.headers.get("mcp-session-id", ""))
        self.send(204)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with suppress(OSError):
            self._post(body)

    def _post(self, body: bytes) -> None:
        door = self.server.door
        if self.path != "/mcp":
            self.send(404, {"error": "not found"})
            return
        if door.redirect:
            self.send(307, None, location=door.redirect)
            return
        host = self.headers.get("host", "").rpartition(":")[0]
        if door.hosts and host not in door.hosts:
            self.fail(421, -32000, "Invalid Host header")
            return
        origin = self.headers.get("origin", "")
        if door.checks_origin and origin and not origin.endswith(self.headers.get("host", "-")):
            self.fail(403, -32000, "Invalid Origin header")
            return
        if "*" in door.guarded and not self._may():
            self._refuse()
            return
        try:
            message = json.loads(body)
        except ValueError:
            self.send(*door.broken())
            return
        if message.get("method") in door.guarded and not self._may():
            self._refuse()
            return
        if "id" not in message:
            self.send(202)
            return
        self._answer(message, message.get("method", ""))

    def _may(self) -> bool:
        door = self.server.door
        if door.token is None:
            return True
        if door.scheme == "bearer":
            scheme, _, given = self.headers.get("authorization", "").partition(" ")
            given = given if scheme.lower() == "bearer" else ""
        else:
            given = self.headers.get(door.scheme, "")
        return bool(given) and (given == door.token or door.accepts(given))

    def _refuse(self) -> None:
        door = self.server.door
        headers = {"www_authenticate": door.challenge(self.server.base)} if door.challenge else {}
        self.send(door.refusal, {"error": "invalid_token"}, **headers)

    def _answer(self, message: dict[str, Any], method: str) -> None:
        door, number, params = self.server.door, message["id"], message.get("params") or {}
        capabilities: dict[str, Any] = {"tools": {}, **({"resources": {}} if door.resources or door.templates else {})}
        meta = params.get("_meta") or {}
        modern = "io.modelcontextprotocol/protocolVersion" in meta and "modern" in door.eras
        if method == "server/discover" and "modern" not in door.eras:
            self.fail(200, -32601, "Method not found", number)
            return
        if modern and door.checks_headers and self.headers.get("mcp-method") != method:
            self.fail(400, -32020, "Header mismatch", number)
            return
        if not modern and method == "initialize" and "session" in door.eras:
            hello = {
                "protocolVersion": door.version,
                "capabilities": capabilities,
                "serverInfo": {"name": "door", "version": "1.0"},
            }
            client = str((params.get("clientInfo") or {}).get("name", ""))
            headers = {}
            if door.new_session is not None:
                identity = door.new_session()
                self.server.sessions.add(identity)
                self.server.clients[identity] = client
                headers["mcp_session_id"] = identity
            self.server.client = client
            self.send(200, {"jsonrpc": "2.0", "id": number, "result": hello}, **headers)
            return
        identity = self.headers.get("mcp-session-id", "")
        if not modern and door.new_session is not None and door.checks_session and identity not in self.server.sessions:
            self.fail(404 if identity else 400, -32000, "No valid session", number)
            return
        client = (
            str((meta.get("io.modelcontextprotocol/clientInfo") or {}).get("name", ""))
            if modern
            else (self.server.clients.get(identity, self.server.client))
        )
        results: dict[str, Any] = {
            "tools/list": {"tools": door.tools(client)},
            "resources/list": {"resources": list(door.resources)},
            "resources/templates/list": {"resourceTemplates": list(door.templates)},
        }
        if modern:
            results["server/discover"] = {
                "supportedVersions": ["2026-07-28"],
                "capabilities": capabilities,
                "serverInfo": {"name": "door", "version": "1.0"},
            }
        if method not in results:
            self.fail(404 if modern else 200, -32601, "Method not found", number)
            return
        self.send(200, {"jsonrpc": "2.0", "id": number, "result": {**results[method], **door.extra}})


class DoorServer(ThreadingHTTPServer):
    """The door and who came through it."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, door: Door) -> None:
        super().__init__((door.bind, 0), Visitor)
        self.door = replace(door, token=secrets.token_urlsafe(24)) if door.token is not None else door
        self.base = f"{NEVER}127.0.0.1:{self.server_address[1]}"
        self.sessions: set[str] = set()
        self.clients: dict[str, str] = {}
        self.client = ""

    def handle_error(self, request: Any, client_address: Any) -> None:
        return


def serving(door: Door) -> AbstractContextManager[DoorServer]:
    """The server while the block runs."""
    return served(DoorServer(door))


def counting(start: int = 1000) -> Callable[[], str]:
    """Session ids that count up."""
    numbers = iter(range(start, start + 100_000))
    return lambda: str(next(numbers))


def timed() -> str:
    """A session id that is the clock."""
    return f"sess-{time.time_ns():x}"


def by_clock() -> str:
    """A UUID of version 1: clock and network card."""
    return str(uuid.uuid1())
