"""An MCP server that is written down in a case, answered as a live one would be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bartizan.model.errors import NetworkError
from bartizan.model.location import Location
from bartizan.model.service import Reply, Request
from bartizan.rules.case import CaseServer


@dataclass(slots=True, eq=False)
class PretendedServer:
    """A `model.session.ServerSession` made of a case."""

    case: CaseServer
    first: bool = True
    extra: tuple[tuple[str, str], ...] = ()
    protocol: str = "mcp"
    name: str = ""
    server_key: str = ""
    challenge: Reply | None = None
    greeting: Mapping[str, Any] = field(default_factory=dict)
    location: Location = field(init=False)
    _given: int = 0
    _ended: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        parts = urlsplit(self.case.url)
        self.location = Location(url=self.case.url, host=parts.hostname, port=parts.port or 80)
        self.greeting = self.case.greeting

    @property
    def url(self) -> str:
        """As written."""
        return self.case.url

    @property
    def transport(self) -> str:
        """As written."""
        return self.case.transport

    @property
    def era(self) -> str:
        """As written."""
        return self.case.era

    @property
    def bind(self) -> str:
        """As written."""
        return self.case.bind

    @property
    def oddities(self) -> tuple[str, ...]:
        """As written."""
        return self.case.oddities

    def open(self) -> bool:
        """A refusal when the case wants credentials."""
        if self.case.challenge is not None and not self._may(dict(self.extra)):
            self.challenge = self._refusal()
        return True

    def again(self, *headers: tuple[str, str], client: str = "", era: str = "") -> PretendedServer:
        """The same case for another client; one era is all that it speaks."""
        return PretendedServer(self.case, first=False, extra=headers)

    def close(self) -> None:
        """Nothing to end."""

    def _may(self, headers: dict[str, str]) -> bool:
        return "authorization" in headers and "token" in self.case.accepts

    def call(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """The written result. Raises NetworkError for other methods."""
        results = self.case.results if self.first else {**self.case.results, **self.case.other_results}
        if method not in results:
            raise NetworkError("Method not found")
        return results[method]

    def listing(self, *headers: tuple[str, str]) -> Request:
        """A question with these headers, and those that tell what it asks."""
        usual = {"mcp-method": "tools/list"} | {name.lower(): value for name, value in headers}
        return Request(urlsplit(self.url).path, "POST", tuple(usual.items()), b'{"id": 1, "method": "tools/list"}')

    def exchange(self, request: Request) -> Reply:
        """Answer or refuse by the headers."""
        if request.method == "GET":
            return self._page(request.path)
        headers = dict(request.headers)
        accepts = self.case.accepts
        if request.method == "DELETE":
            self._ended.add(headers.get("mcp-session-id", ""))
            return Reply(204)
        if self.case.challenge is not None and not self._may(headers):
            return self._refusal()
        if not request.body.endswith(b"}"):
            return Reply(400, (), self.case.error.encode())
        refused = ("origin" in headers and "origin" not in accepts) or ("host" in headers and "host" not in accepts)
        mismatch = headers.get("mcp-method", "tools/list") != "tools/list" and "mismatch" not in accepts
        identity = headers.get("mcp-session-id")
        unknown = identity is not None and (
            (identity not in self.case.sessions and "made-up-id" not in accepts)
            or (identity in self._ended and "ended-id" not in accepts)
        )
        if refused or mismatch or unknown:
            return Reply(403 if refused else 400 if mismatch else 404)
        given = {
            name: value.replace("{origin}", headers.get("origin", "")) for name, value in self.case.headers.items()
        }
        if self.case.sessions:
            given["mcp-session-id"] = self.case.sessions[self._given % len(self.case.sessions)]
            self._given += 1
        return Reply(200, tuple(given.items()), b'{"jsonrpc": "2.0", "id": 1, "result": {}}')

    def fetch(self, url: str) -> Reply:
        """A written page by its full address, or by its path."""
        return self._page(url if url in self.case.pages else urlsplit(url).path)

    def _page(self, path: str) -> Reply:
        if path not in self.case.pages:
            return Reply(404)
        return Reply(200, (("content-type", "application/json"),), json.dumps(self.case.pages[path]).encode())

    def _refusal(self) -> Reply:
        return Reply(401, tuple((self.case.challenge or {}).items()))
