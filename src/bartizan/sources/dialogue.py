"""Conversations with MCP servers: finds where one answers and which era it speaks, then lists what it offers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bartizan.model.errors import LimitError, NetworkError, ScopeError
from bartizan.model.location import Location
from bartizan.model.service import Reply, Request
from bartizan.net.service import LiveService
from bartizan.sources.rpc import CLIENT, LEGACY, Caller, RefusedError, envelope
from bartizan.sources.wire import HttpWire, SseWire, ask_apart

SECONDS = 10.0
_GREETING = 4.0
_SILENCE = 8.0
"""Seconds for one question of a greeting, and for all that stay unanswered, where nobody said that MCP is spoken."""
PLACES = ("/mcp", "/", "/sse", "/mcp/sse")
"""Where servers answer when no path was named: the first two as streamable HTTP, the others as event streams."""


@dataclass(slots=True, eq=False)
class HttpDialogue:
    """A `model.session.ServerSession` over HTTP. Nothing is sent before `open`."""

    service: LiveService
    named: bool = False
    """Whether a person named the address: then only its path is asked."""
    client: str = CLIENT["name"]
    protocol: str = "mcp"
    transport: str = "http"
    era: str = ""
    greeting: Mapping[str, Any] = field(default_factory=dict)
    challenge: Reply | None = None
    name: str = ""
    server_key: str = ""
    path: str = ""
    moved: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    """Headers of every question."""
    only: str = ""
    """The one era to speak; both when empty."""
    url: str = field(init=False, default="")
    bind: str = field(init=False, default="")
    location: Location = field(init=False, default_factory=Location)
    _wire: HttpWire | SseWire | None = None
    _caller: Caller | None = None
    _waited: float = 0.0

    def __post_init__(self) -> None:
        self.bind = self.service.bind
        self._stand_at(self.path or self.service.path)

    def _stand_at(self, path: str) -> None:
        """Take the path as the server's."""
        self.url = f"{'https' if self.service.tls else 'http'}://{self.service.authority}{path}"
        self.location = Location(url=self.url, host=self.service.host, port=self.service.port)

    @property
    def oddities(self) -> tuple[str, ...]:
        """What was malformed or asked back."""
        return tuple(self._caller.oddities) if self._caller else ()

    def open(self) -> bool:
        """Try the places where a server may be, each in both eras."""
        asked = self.service.asked()
        if asked and not any(reply.status for _, reply in asked):
            return False  # whatever listens there does not speak HTTP
        if not asked:
            self.service.ask(Request(self.service.path))
        if self.path:
            return self._open_at(self.path, streams=True)
        if self.named and self.service.path not in ("", "/"):
            return self._open_at(self.service.path, streams=True)
        for place in PLACES:
            streams = "sse" in place
            if self._left() <= 0 or self.service.gave_up:
                return False
            if self._open_at(place, streams=streams, posts=not streams):
                return True
        return False

    def _left(self) -> float:
        """Seconds that the next question of a greeting may take; the first one leaves some to those after it."""
        return SECONDS if self.named else min(_GREETING, _SILENCE - self._waited)

    @contextmanager
    def _clocked(self) -> Iterator[None]:
        """Counts what passes without an answer."""
        start = time.monotonic()
        try:
            yield
        except LimitError:
            self._waited += time.monotonic() - start
            raise
        except NetworkError:
            if time.monotonic() - start > _GREETING / 2:
                self._waited += time.monotonic() - start
            raise

    def _open_at(self, path: str, *, streams: bool, posts: bool = True, hops: int = 1) -> bool:
        self.path = path
        self._stand_at(path)
        try:
            if posts and self._greet(path):
                return True
            if streams and self.challenge is None and self._greet_stream(path):
                return True
        except (LimitError, ScopeError) as error:
            self._note(error.what)
        if self.challenge is not None and self._is_mcp(self.challenge):
            return True
        target, self.moved = self.moved, ""
        if target and target != path and hops:
            return self._open_at(target, streams=streams, posts=posts, hops=hops - 1)
        self.challenge, self.path = None, ""
        return False

    def _greet(self, path: str) -> bool:
        """Both eras over streamable HTTP, the later one first."""
        if self.only != "session":
            wire = HttpWire(self.service, path, modern=True, headers=self.extra)
            caller = Caller(wire)
            try:
                with self._clocked():
                    found = caller.call("server/discover", {"_meta": envelope(self.client)}, self._left())
                if isinstance(found, dict) and isinstance(found.get("supportedVersions"), list):
                    self._settle(wire, caller, "modern", found)
                    return True
            except RefusedError as error:
                if self._wants_name(wire):
                    return self._greet(path)
                if self._is_over(wire, error):
                    return False
            except (NetworkError, LimitError):
                pass  # some servers leave what they do not know unanswered
        return self._greet_before(path)

    def _greet_before(self, path: str) -> bool:
        """The era of sessions."""
        if (seconds := self._left()) <= 0:
            return False
        wire = HttpWire(self.service, path, headers=self.extra)
        caller = Caller(wire)
        try:
            with self._clocked():
                found = caller.call("initialize", self._hello(), seconds)
        except RefusedError as error:
            self._is_over(wire, error)
            return False
        except (NetworkError, LimitError):
            return False
        if not _is_greeting(found):
            return False
        self._settle(wire, caller, "session", found)
        version = found.get("protocolVersion")
        if isinstance(version, str) and version >= "2025-06-18":
            wire.headers = (*self.extra, ("mcp-protocol-version", version[:32]))
        self._say_ready(caller)
        return True

    def _wants_name(self, wire: HttpWire) -> bool:
        """Whether the server refuses its address as Host, as some do that know only `localhost`: then that is said
        from now on.
        """
        head = wire.last
        if head is None or head.status not in (400, 403, 421) or not self.service.host.startswith("127."):
            return False
        if any(name == "host" for name, _ in self.extra):
            return False
        named = ("host", f"localhost:{self.service.port}")
        reply = self.exchange(
            HttpWire(self.service, self.path, modern=True).request(
                {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": envelope(self.client)}},
                (named,),
            )
        )
        if not reply.status or reply.status == head.status:
            return False
        self.extra = (*self.extra, named)
        return True

    def _is_over(self, wire: HttpWire, error: RefusedError) -> bool:
        """Whether the answer rules out another try here: credentials are wanted, or it lies elsewhere."""
        head = wire.last
        if head is None:
            return False
        if error.code in (401, 403) or head.status in (401, 403):
            if head.status == 401 or self.challenge is None:
                self.challenge = Reply(head.status, head.headers, wire.body)
            return head.status == 401
        if head.status in (301, 302, 307, 308):
            parts = urlsplit(head.header("location"))
            if not parts.netloc or parts.netloc == self.service.authority:
                self.moved = parts.path
            return True
        return False

    def _greet_stream(self, path: str) -> bool:
        if self._waited and not self.named:
            return False  # who lets one question hang would let this one hang, too
        wire = SseWire(self.service, path, SECONDS, self.extra)
        try:
            with self._clocked():
                if not wire.open():
                    return False
                caller = Caller(wire)
                found = caller.call("initialize", self._hello("2024-11-05"), SECONDS)
        except (NetworkError, LimitError):
            wire.close()
            return False
        if not _is_greeting(found):
            wire.close()
            return False
        self.transport = "sse"
        self._settle(wire, caller, "session", found)
        self._say_ready(caller)
        return True

    def _settle(self, wire: HttpWire | SseWire, caller: Caller, era: str, greeting: Mapping[str, Any]) -> None:
        self._wire, self._caller, self.era, self.greeting = wire, caller, era, greeting
        self.challenge = None

    def _say_ready(self, caller: Caller) -> None:
        try:
            caller.tell("notifications/initialized")
        except (NetworkError, LimitError):
            return  # servers that mind say so at the next question

    def _hello(self, version: str = LEGACY) -> dict[str, Any]:
        return {
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": {"name": self.client, "version": CLIENT["version"]},
        }

    def _is_mcp(self, challenge: Reply) -> bool:
        """Whether a refusal is an MCP server's: it says where its metadata is, or speaks JSON-RPC."""
        says = challenge.header("www-authenticate")
        if "resource_metadata" in says or b'"jsonrpc"' in challenge.body:
            return True
        reply = self.service.ask(Request(f"/.well-known/oauth-protected-resource{self.path}"))
        return (reply.status == 200 and b'"resource"' in reply.body) or (self.named and challenge.status == 401)

    def _note(self, what: str) -> None:
        if self._caller is not None:
            self._caller.oddities[what] = None

    def call(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """Ask the open server."""
        if self._caller is None:
            raise NetworkError("not connected")
        extended = {**parameters, "_meta": envelope(self.client)} if self.era == "modern" else dict(parameters)
        try:
            return self._caller.call(method, extended, SECONDS)
        except RefusedError:
            wire = self._wire
            if isinstance(wire, HttpWire) and wire.last is not None and wire.last.status in (401, 403):
                # it greets everybody, and lists for the signed-in
                self.challenge = Reply(wire.last.status, wire.last.headers, wire.body)
            raise
        except (LimitError, ScopeError) as error:
            raise NetworkError(error.what) from None

    def again(self, *headers: tuple[str, str], client: str = "", era: str = "") -> HttpDialogue:
        """The same place, as another client, with other headers or in another era."""
        extra = (*self.extra, *headers)
        return HttpDialogue(self.service, True, client or self.client, path=self.path, extra=extra, only=era)

    def exchange(self, request: Request) -> Reply:
        """Apart from the conversation, on a connection of its own."""
        return ask_apart(self.service, request, SECONDS)

    def listing(self, *headers: tuple[str, str]) -> Request:
        """`tools/list` as the open conversation would ask it, or as a first question where there is none."""
        wire = self._wire if isinstance(self._wire, HttpWire) else HttpWire(self.service, self.path, headers=self.extra)
        if self.era == "session" or not self.era:
            message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": self._hello()}
            wire = HttpWire(self.service, self.path, headers=self.extra)
        else:
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": envelope(self.client)}}
        return wire.request(message, headers)

    def fetch(self, url: str) -> Reply:
        """Through the same door: the guard refuses what lies outside before a packet leaves."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError as error:
            return Reply(error=str(error))
        if parts.scheme not in ("http", "https") or not host:
            return Reply(error="not an http address")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if (host, port) == (self.service.host, self.service.port):
            return self.service.ask(Request(path))
        other = LiveService(self.service.door, host, port, tls=parts.scheme == "https", limits=self.service.limits)
        try:
            return other.ask(Request(path))
        finally:
            other.close()

    def close(self) -> None:
        """End the conversation."""
        if self._wire is not None:
            self._wire.close()


def _is_greeting(found: Any) -> bool:
    return isinstance(found, dict) and "protocolVersion" in found and ("serverInfo" in found or "capabilities" in found)


def decode(reply: Reply) -> Any:
    """The JSON of a reply, or None."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
