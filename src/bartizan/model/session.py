"""A live MCP server or chat endpoint to talk to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bartizan.model.location import Location


class Session(Protocol):
    """A conversation with one live server. `protocol` is `mcp` or `chat`."""

    location: Location
    protocol: str

    def call(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """Send one request and return the decoded result. Raises NetworkError with a one-line reason."""
