"""MCP over HTTP: the streamable transport, and the older one with an event stream of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from bartizan.model.errors import LimitError, NetworkError, ScopeError
from bartizan.model.service import Reply, Request
from bartizan.net.coding import decoded
from bartizan.net.message import Head
from bartizan.net.service import LiveService
from bartizan.sources.rpc import MAX_BYTES, MODERN, RefusedError

JSON_TYPE = ("content-type", "application/json")
BOTH_TYPES = ("accept", "application/json, text/event-stream")
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


@dataclass(slots=True)
class HttpWire:
    """The streamable transport. `headers` go with every question; the server's session is kept in them."""

    service: LiveService
    path: str
    modern: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    session: str = ""
    last: Head | None = None
    """The head of the latest answer."""
    body: bytes = b""
    """What the latest refusal said."""

    def request(self, message: Mapping[str, Any], extra: tuple[tuple[str, str], ...] = ()) -> Request:
        """The question as it goes over the wire; headers of `extra` replace the usual ones."""
        headers = dict([JSON_TYPE, BOTH_TYPES, *self.headers])
        method = str(message.get("method", ""))
        if self.modern:
            headers |= {"mcp-protocol-version": MODERN, "mcp-method": method}
            name = _NAMED.get(method)
            if name and name in message.get("params", {}):
                headers["mcp-name"] = str(message["params"][name])
        elif self.session:
            headers["mcp-session-id"] = self.session
        headers |= {name.lower(): value for name, value in extra}
        return Request(self.path, "POST", tuple(headers.items()), json.dumps(message).encode())

    def post(self, message: Mapping[str, Any], seconds: float) -> Iterator[bytes]:
        """Send the message; yield the body, or the data of each event."""
        deadline = time.monotonic() + seconds
        with self.service.stream(self.request(message), seconds) as (head, pieces):
            self.last = head
            if not self.modern and head.header("mcp-session-id"):
                self.session = head.header("mcp-session-id")[:1024]
            if head.header("content-type").startswith("text/event-stream") and head.status < 300:
                yield from events(pieces, deadline)
                return
            body = _body(head, pieces)
        if head.status >= 300:
            self.body = body
            if b'"jsonrpc"' in body:  # errors of revision 2026-07-28 come with a status of 400 or 404
                yield body
            raise RefusedError(f"HTTP {head.status}", head.status)
        if body:
            yield body

    def reply(self, message: Mapping[str, Any], seconds: float) -> None:
        """Answer a question of the server."""
        for _ in self.post(message, seconds):
            return

    def close(self) -> None:
        """End the session, as a client should; what the server says to that does not matter."""
        if self.session and not self.modern:
            self.service.ask(Request(self.path, "DELETE", (("mcp-session-id", self.session), *self.headers)))
            self.session = ""


@dataclass(slots=True)
class SseWire:
    """The transport of 2024-11-05: answers come on a stream that stays open, questions go to an address it names."""

    service: LiveService
    path: str
    seconds: float
    headers: tuple[tuple[str, str], ...] = ()
    target: str = ""
    _stream: AbstractContextManager[tuple[Head, Iterator[bytes]]] | None = None
    _events: Iterator[tuple[str, bytes]] | None = field(default=None, repr=False)

    def open(self) -> bool:
        """Whether the path gives an event stream that names an endpoint of the same server."""
        headers = (("accept", "text/event-stream"), *self.headers)
        self._stream = self.service.stream(Request(self.path, "GET", headers), self.seconds)
        head, pieces = self._stream.__enter__()
        if head.status != 200 or not head.header("content-type").startswith("text/event-stream"):
            self.close()
            return False
        self._events = named_events(pieces, time.monotonic() + self.seconds)
        for count, (name, data) in enumerate(self._events):
            if name == "endpoint":
                self.target = self._same_server(data.decode("utf-8", "replace").strip())
                break
            if count > 5:
                break
        if not self.target:
            self.close()
        return bool(self.target)

    def _same_server(self, text: str) -> str:
        """Path and query of the endpoint; nothing when it lies on another server, which is never followed."""
        scheme = "https" if self.service.tls else "http"
        base = f"{scheme}://{self.service.authority}{self.path}"
        try:
            parts = urlsplit(urljoin(base, text))
        except ValueError:
            return ""
        if parts.netloc != self.service.authority:
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def post(self, message: Mapping[str, Any], seconds: float) -> Iterator[bytes]:
        """Send the message to the endpoint; yield what comes on the stream."""
        self.reply(message, seconds)
        if "id" not in message or self._events is None:
            return
        for name, data in self._events:
            if name == "message":
                yield data

    def reply(self, message: Mapping[str, Any], seconds: float) -> None:
        """Send without waiting for the stream."""
        request = Request(self.target, "POST", (JSON_TYPE, BOTH_TYPES, *self.headers), json.dumps(message).encode())
        with self.service.stream(request, seconds) as (head, pieces):
            _body(head, pieces)
        if head.status >= 300:
            raise RefusedError(f"HTTP {head.status}", head.status)

    def close(self) -> None:
        """Close the stream."""
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.__exit__(None, None, None)


def events(pieces: Iterator[bytes], deadline: float) -> Iterator[bytes]:
    """The data of each event of a stream."""
    yield from (data for _, data in named_events(pieces, deadline) if data)


def named_events(pieces: Iterator[bytes], deadline: float) -> Iterator[tuple[str, bytes]]:
    """Name and data of each event. Raises LimitError past the deadline and for an event that is too large."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        if len(buffer) > MAX_BYTES:
            raise LimitError("an event is too large")
        if time.monotonic() > deadline:
            raise LimitError("no answer in time")
        while True:
            end, after = _event_end(buffer)
            if end < 0:
                break
            block = bytes(buffer[:end])
            del buffer[:after]
            yield _event(block)
    if buffer.strip():
        yield _event(bytes(buffer))


def _event_end(buffer: bytearray) -> tuple[int, int]:
    found = [(at, at + len(mark)) for mark in (b"\n\n", b"\r\n\r\n", b"\r\r") if (at := buffer.find(mark)) >= 0]
    return min(found, default=(-1, -1))


def _event(block: bytes) -> tuple[str, bytes]:
    name, data = "message", []
    for line in block.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        key, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if key == b"event":
            name = value.decode("utf-8", "replace")
        elif key == b"data":
            data.append(value)
    return name, b"\n".join(data)


def _body(head: Head, pieces: Iterator[bytes]) -> bytes:
    """The whole body, decoded. Raises LimitError when it is too large."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MAX_BYTES:
            raise LimitError("the answer is too large")
    coding = head.header("content-encoding")
    if not coding:
        return bytes(body)
    plain, cut = decoded(bytes(body), coding, MAX_BYTES)
    if cut:
        raise LimitError("the answer is too large")
    return plain


def ask_apart(service: LiveService, request: Request, seconds: float, limit: int = 1 << 20) -> Reply:
    """Ask on a connection of its own, whatever the method; nothing is remembered. Errors stand in the reply."""
    start = time.monotonic()
    try:
        with service.stream(request, seconds) as (head, pieces):
            body = bytearray()
            if head.header("content-type").startswith("text/event-stream"):
                for data in events(pieces, start + seconds):
                    body += data + b"\n"
                    if b'"id"' in data or len(body) > limit:
                        break
            else:
                for piece in pieces:
                    body += piece
                    if len(body) > limit:
                        break
            raw = bytes(body[:limit])
            coding = head.header("content-encoding")
            if coding and not head.header("content-type").startswith("text/event-stream"):
                raw = decoded(raw, coding, limit)[0]
            return Reply(head.status, head.headers, raw, seconds=time.monotonic() - start)
    except (NetworkError, LimitError, ScopeError) as error:
        return Reply(error=error.what, seconds=time.monotonic() - start)
