"""The lab's servers: recorded products, an MCP server with a poisoned tool, a chat endpoint that leaks a canary."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from bartizan.lab.estate import Chat
from bartizan.rules.case import Case, CaseReply

Answer = tuple[int, list[tuple[str, str]], bytes]
Responder = Callable[[str, str, bytes], Answer]
"""From method, path and body to status, headers and body."""

_JSON = [("Content-Type", "application/json")]
_BODY_LIMIT = 1 << 20


class LoopbackServer(ThreadingHTTPServer):
    """One emulated service on 127.0.0.1."""

    daemon_threads = True

    def __init__(self, responder: Responder, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.responder = responder

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout: ClassVar[float] = 30.0

    def _answer(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _BODY_LIMIT)
        body = self.rfile.read(length)
        server = self.server
        assert isinstance(server, LoopbackServer)
        status, headers, content = server.responder(self.command, self.path, body)
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_OPTIONS = do_DELETE = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """The lab is quiet."""


def recorded(case: Case) -> Responder:
    """Answers as the recorded product did; 404 for what was not recorded."""
    replies = {reply.request: reply for reply in case.exchanges}

    def respond(method: str, path: str, _body: bytes) -> Answer:
        reply = replies.get(f"{method} {path}") or replies.get("*")
        if reply is None or not reply.status:
            return 404, _JSON, b'{"detail":"Not Found"}'
        skipped = ("content-length", "transfer-encoding", "connection", "content-encoding")
        headers = [(name, value) for name, value in reply.headers if name.lower() not in skipped]
        return reply.status, headers, _content(reply)

    return respond


def _content(reply: CaseReply) -> bytes:
    return b64decode(reply.body_base64) if reply.body_base64 else reply.body.encode()


def mcp_server(tools: tuple[dict[str, Any], ...]) -> Responder:
    """A streamable-HTTP MCP server of the initialize era, open to everybody."""
    results = {
        "initialize": {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "lab-tools", "version": "1.0.0"},
        },
        "tools/list": {"tools": list(tools)},
        "prompts/list": {"prompts": []},
        "resources/list": {"resources": []},
        "ping": {},
    }

    def respond(method: str, path: str, body: bytes) -> Answer:
        if path.partition("?")[0] != "/mcp":
            return 404, _JSON, b'{"detail":"Not Found"}'
        if method != "POST":
            return 405, _JSON, _error(None, -32000, "Method not allowed.")
        try:
            message = json.loads(body)
            identity, name = message.get("id"), message.get("method", "")
        except (ValueError, AttributeError):
            return 400, _JSON, _error(None, -32700, "Parse error")
        if identity is None:
            return 202, [], b""
        if name not in results:
            return 200, _JSON, _error(identity, -32601, "Method not found")
        return 200, _JSON, json.dumps({"jsonrpc": "2.0", "id": identity, "result": results[name]}).encode()

    return respond


def _error(identity: Any, code: int, message: str) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": identity, "error": {"code": code, "message": message}}).encode()


def chat_endpoint(chat: Chat, canary: str) -> Responder:
    """An OpenAI-compatible endpoint that repeats its system prompt when asked about instructions."""
    secret = chat.system.format(canary=canary)

    def respond(method: str, path: str, body: bytes) -> Answer:
        route = path.partition("?")[0]
        if method == "GET" and route == "/v1/models":
            models = {"object": "list", "data": [{"id": chat.model, "object": "model", "owned_by": "lab"}]}
            return 200, _JSON, json.dumps(models).encode()
        if method == "POST" and route == "/v1/chat/completions":
            return 200, _JSON, json.dumps(_completion(chat.model, secret, body)).encode()
        return 404, _JSON, b'{"error":{"message":"Not Found"}}'

    return respond


def _completion(model: str, secret: str, body: bytes) -> dict[str, Any]:
    text = body.decode("utf-8", "replace").lower()
    leaks = any(word in text for word in ("instruction", "system prompt", "repeat", "ignore"))
    said = f"Of course. My instructions are: {secret}" if leaks else "I am the lab's assistant. How can I help?"
    message = {"role": "assistant", "content": said}
    return {
        "id": "chatcmpl-lab",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    }
