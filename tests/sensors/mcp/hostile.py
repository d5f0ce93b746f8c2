"""MCP servers on loopback that behave, or misbehave, in one way each."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

TOOLS = [{"name": "add", "description": "Adds two numbers.", "inputSchema": {"type": "object"}}]
Behaviour = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """One request; what is done with a message is the server's behaviour."""

    protocol_version = "HTTP/1.1"
    server: HostileServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append((self.path, dict(self.headers), body))
        if self.path != "/mcp":
            self.send(404, b"{}")
            return
        try:
            message = json.loads(body)
        except ValueError:
            self.send(400, b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}')
            return
        with suppress(OSError):
            self.server.behaviour(self, message)

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers), b""))
        self.send(404, b"{}")

    def do_DELETE(self) -> None:
        self.send(204, b"")

    def send(self, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True

    def answer(self, message: dict[str, Any], result: Any) -> None:
        self.send(200, json.dumps({"jsonrpc": "2.0", "id": message.get("id"), "result": result}).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return


class HostileServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = behaviour
        self.seen: list[tuple[str, dict[str, str], bytes]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        return


Server = TypeVar("Server", bound=ThreadingHTTPServer)


@contextmanager
def served(server: Server) -> Iterator[Server]:
    """The server while the block runs."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def serving(behaviour: Behaviour) -> AbstractContextManager[HostileServer]:
    return served(HostileServer(behaviour))


def honest(handler: Handler, message: dict[str, Any], tools: list[dict[str, Any]] | None = None) -> None:
    """An initialize-era server without sessions that checks nothing."""
    results = {
        "initialize": {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "honest", "version": "1"},
        },
        "tools/list": {"tools": TOOLS if tools is None else tools},
    }
    if "id" not in message:
        handler.send(202, b"")
    elif message.get("method") in results:
        handler.answer(message, results[message["method"]])
    else:
        error = {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "Method not found"}}
        handler.send(200, json.dumps(error).encode())


def on_list(act: Callable[[Handler, dict[str, Any]], None]) -> Behaviour:
    """Honest until asked for its tools."""

    def behave(handler: Handler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/list":
            act(handler, message)
        else:
            honest(handler, message)

    return behave


def silent(handler: Handler, _message: dict[str, Any]) -> None:
    time.sleep(3)


def flood(handler: Handler, message: dict[str, Any]) -> None:
    handler.stream()
    note = b'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n'
    for _ in range(20_000):
        handler.wfile.write(note * 10)


def huge(handler: Handler, message: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(100 << 20))
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" " * (1 << 20))


def not_utf8(handler: Handler, message: dict[str, Any]) -> None:
    text = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": {"tools": TOOLS}})
    handler.send(200, text.replace("Adds", "Add\udcff").encode("utf-8", "surrogateescape"))


def not_json(handler: Handler, message: dict[str, Any]) -> None:
    handler.send(200, b"{nothing")


def deep(handler: Handler, message: dict[str, Any]) -> None:
    handler.send(200, b"[" * 200_000)


def away(handler: Handler, message: dict[str, Any]) -> None:
    handler.send(307, b"", Location="http://198.51.100.7/mcp")


def asks_back(handler: Handler, message: dict[str, Any]) -> None:
    handler.stream()
    asked = {"jsonrpc": "2.0", "id": "s1", "method": "sampling/createMessage", "params": {"messages": []}}
    late = {"jsonrpc": "2.0", "id": 999, "result": {"tools": []}}
    real = {"jsonrpc": "2.0", "id": message["id"], "result": {"tools": TOOLS}}
    for item in (asked, late, real):
        handler.wfile.write(b"data: " + json.dumps(item).encode() + b"\n\n")


def dies(handler: Handler, message: dict[str, Any]) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"jsonrpc"')
    handler.close_connection = True
    handler.connection.close()
