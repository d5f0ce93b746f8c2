"""A live MCP server or chat endpoint to talk to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bartizan.model.location import Location
from bartizan.model.service import Reply, Request


class Session(Protocol):
    """A conversation with one live server. `protocol` is `mcp` or `chat`."""

    location: Location
    protocol: str

    def call(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """Send one request and return the decoded result. Raises NetworkError with a one-line reason."""


class ServerSession(Session, Protocol):
    """A conversation with one MCP server.

    `transport` is `http`, `sse` or `stdio`; `era` is `modern` (revision 2026-07-28, stateless) or `session`
    (`initialize` before it); `greeting` the result of `server/discover` or `initialize`. `challenge` is the answer
    of a server that wants credentials. `oddities` say in words what was malformed.
    """

    transport: str
    era: str
    greeting: Mapping[str, Any]
    challenge: Reply | None
    bind: str
    url: str
    name: str
    server_key: str
    """What tells the server from others; empty when its place and name do."""

    @property
    def oddities(self) -> tuple[str, ...]:
        """What the server did that the protocol does not allow, or asked of the client."""

    def open(self) -> bool:
        """Whether there is an MCP server. Raises NetworkError when it can no longer be told."""

    def again(self, *headers: tuple[str, str], client: str = "", era: str = "") -> ServerSession:
        """Another conversation with the same server, not yet open: under another client's name, with further headers
        in every question, or in one era only.
        """

    def exchange(self, request: Request) -> Reply:
        """One plain HTTP exchange with the same host and port; `error` for other transports."""

    def listing(self, *headers: tuple[str, str]) -> Request:
        """The HTTP question that lists tools, with these headers in place of the usual ones."""

    def close(self) -> None:
        """End the conversation."""

    def fetch(self, url: str) -> Reply:
        """GET an address that the server named, without credentials and only inside the scope."""
