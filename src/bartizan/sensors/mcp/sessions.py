"""Sessions of the eras before 2026-07-28, and lists that depend on who asks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from uuid import UUID

from bartizan.model.errors import NetworkError
from bartizan.model.identity import canonical, digest
from bartizan.model.service import Reply, Request
from bartizan.model.session import ServerSession
from bartizan.rules.toolfacts import ToolFacts
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.offer import Offer
from bartizan.sensors.mcp.replies import answers, listed_by

ENOUGH_BITS = 100.0
HOW_MANY = 5


def session_flaws(session: ServerSession, offer: Offer | None, facts: ToolFacts) -> Iterator[Flaw]:
    """Of an open server over streamable HTTP."""
    if offer is None or session.transport != "http":
        return
    yield from _variance(session, offer, facts)
    if session.era == "session":
        yield from _identities(session)
        return
    earlier = session.again(era="session")  # it may speak both
    try:
        if earlier.open() and earlier.challenge is None:
            yield from _identities(earlier)
    except NetworkError:
        return
    finally:
        earlier.close()


def _identities(session: ServerSession) -> Iterator[Flaw]:
    """The ids that it hands out, and whether it minds which one comes back."""
    replies = [session.exchange(session.listing()) for _ in range(HOW_MANY)]
    identities = [reply.header("mcp-session-id") for reply in replies]
    if not all(identities):
        return
    reason = _weakness(identities)
    if reason:
        yield Flaw("weak-session-id", (), f"session ids {reason}", proof="ids")
    yield from _reuse(session, identities[0])
    for identity in identities[1:]:
        _end(session, identity)


def _weakness(identities: list[str]) -> str:
    """What makes the ids guessable: all numbers, counting up, repeating, or too little that differs."""
    if len(set(identities)) < len(identities):
        return "repeat"
    if all(identity.isdigit() for identity in identities):
        return "are plain numbers"
    if all(_is_clock(identity) for identity in identities):
        return "are made of clock and network card (UUID of version 1)"
    prefix = common_start(identities)
    suffix = common_start([identity[::-1] for identity in identities])
    differing = [identity[len(prefix) : len(identity) - len(suffix) if suffix else None] for identity in identities]
    if all(part.isdigit() and len(part) <= 10 for part in differing if part):
        return "differ by a number only"
    alphabet = len(set("".join(differing)))
    bits = min(len(part) for part in differing) * math.log2(max(alphabet, 2))
    return f"hold about {bits:.0f} bits" if bits < ENOUGH_BITS else ""


def _is_clock(identity: str) -> bool:
    try:
        return UUID(identity).version in (1, 2, 6)
    except ValueError:
        return False


def _reuse(session: ServerSession, identity: str) -> Iterator[Flaw]:
    """An id that was made up, or whose session was ended, must not be served."""
    usual = session.listing()
    version = str(session.greeting.get("protocolVersion"))

    def say(name: str, message: dict[str, object]) -> Reply:
        headers = (*usual.headers, ("mcp-session-id", name), ("mcp-protocol-version", version))
        return session.exchange(Request(usual.path, "POST", headers, canonical({"jsonrpc": "2.0", **message}).encode()))

    def list_with(name: str) -> bool:
        return answers(say(name, {"id": 2, "method": "tools/list", "params": {}}))

    say(identity, {"method": "notifications/initialized"})
    if not list_with(identity):
        return
    if list_with(_made_up(identity, session.url)):
        yield Flaw("weak-session-id", (), "a made-up session id is served", proof="made up")
    ended = _end(session, identity)
    if ended and list_with(identity):
        yield Flaw("weak-session-id", (), "a session that was ended is still served", proof="ended")


def _end(session: ServerSession, identity: str) -> bool:
    usual = session.listing()
    kept = [header for header in usual.headers if header[0] not in ("content-type", "accept")]
    reply = session.exchange(Request(usual.path, "DELETE", (*kept, ("mcp-session-id", identity))))
    return 200 <= reply.status < 300


def _made_up(identity: str, seed: str) -> str:
    """An id of the same shape that nobody issued: a figure for a figure, a letter for a letter."""
    figures = iter(bytes.fromhex(digest(identity, seed)) * (len(identity) // 16 + 1))
    return "".join(
        "0123456789"[next(figures) % 10] if char.isdigit() else "abcdef"[next(figures) % 6] if char.isalpha() else char
        for char in identity
    )


def _variance(session: ServerSession, offer: Offer, facts: ToolFacts) -> Iterator[Flaw]:
    """The same question under other clients' names, and later."""
    first = {item.name: canonical(dict(item.value)) for item in offer.of_kind("tool")}
    for client in facts.visitors:
        second = _list_as(session, client)
        if second is None:
            return
        differing = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
        if differing:
            yield Flaw(
                "inconsistent-listing",
                (),
                f"{client}, asking a moment later, is told something else of: {', '.join(differing[:8])}",
                proof="variance",
            )
            return


def _list_as(session: ServerSession, client: str) -> dict[str, str] | None:
    """The tools that another client is told of, by name; None where it is told nothing, or too much for one page."""
    listed = listed_by(session.again(("user-agent", f"{client}/2.0"), client=client))
    if listed is None or listed.get("nextCursor"):
        return None
    return {str(tool.get("name")): canonical(tool) for tool in listed["tools"] if isinstance(tool, dict)}


def common_start(texts: list[str]) -> str:
    """The longest text that all begin with."""
    low, high = min(texts), max(texts)
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[:same]
