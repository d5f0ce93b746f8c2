"""Whether a server that wants credentials takes made-up ones."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from bartizan.model.identity import digest
from bartizan.model.session import ServerSession
from bartizan.model.severity import Confidence
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.replies import listed_by

_FAR_FUTURE = 4102444800
"""The year 2100, in seconds."""


def token_flaws(session: ServerSession) -> Iterator[Flaw]:
    """Tokens that nobody issued: two of one kind must open the door before it counts, lest one be a coincidence."""
    if session.challenge is None or session.challenge.status not in (401, 403):
        return
    for kind, name, values in _made_up(session.url):
        listed: list[str] | None = None
        for value in values:
            listed = _list_with(session, name, value)
            if listed is None:
                break
        if listed is not None:
            yield Flaw(
                "fail-open-token",
                (),
                f"without a token {session.challenge.status}, with {kind} the tools are listed",
                confidence=Confidence.CERTAIN,
                detail=f"tools/list with {name}: {', '.join(listed[:12]) or 'an empty list'}",
                proof="token",
            )
            return


def _made_up(url: str) -> Iterator[tuple[str, str, list[str]]]:
    """What is tried, the header it goes into, and two values."""
    seeds = ("one", "two")
    yield "a made-up one", "authorization", [f"Bearer {digest(url, seed)}" for seed in seeds]
    yield "a made-up JWT", "authorization", [f"Bearer {_jwt(url, seed)}" for seed in seeds]
    yield "a made-up API key", "x-api-key", [digest(url, seed) for seed in seeds]


def _jwt(url: str, seed: str) -> str:
    """A token that says all that a careless server asks for, under a signature that nobody made."""
    head = {"alg": "HS256", "typ": "JWT"}
    claims = {"sub": "bartizan", "aud": url, "exp": _FAR_FUTURE, "scope": "mcp", "jti": digest(url, seed)[:16]}
    parts = [json.dumps(part).encode() for part in (head, claims)] + [
        bytes.fromhex(digest(url, seed, "signature")[:64])
    ]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _list_with(session: ServerSession, name: str, value: str) -> list[str] | None:
    """Names of the tools that are listed with that header; None when it does not open the door."""
    listed = listed_by(session.again((name, value)))
    return None if listed is None else [str(tool.get("name")) for tool in listed["tools"] if isinstance(tool, dict)]
