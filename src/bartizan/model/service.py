"""A host and port that can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bartizan.model.location import Location


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `protocol` is `http` (TLS is found out by the service) or a word of `net` (`redis`, …),
    for which `body` holds the bytes to send and `path` a name for the question.
    """

    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    protocol: str = "http"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `status` is 0 when there was no HTTP answer, and `error` then says why in one line.

    Header names are lower-case, in the order received, doubles kept. `truncated` says the body hit its limit.
    `seconds` is the time to the last byte.
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    error: str = ""
    truncated: bool = False
    seconds: float = 0.0

    def header(self, name: str) -> str:
        """The first value of a header, or the empty string."""
        return next((value for key, value in self.headers if key == name), "")


class Service(Protocol):
    """One listening port. Each question is sent once and remembered for every sensor."""

    location: Location
    """`host` as named, and `port`."""
    address: str
    """The pinned IP address."""
    tls: bool
    process: str
    """Name of the listening process, known only on this machine; else empty."""
    bind: str
    """The address it listens on, known only on this machine; else empty."""

    def ask(self, request: Request) -> Reply:
        """Send the question, or give the remembered answer. Never raises for what the network does."""

    def asked(self) -> tuple[tuple[Request, Reply], ...]:
        """All that was exchanged so far, in order."""
