"""Sessions of the eras before 2026-07-28, and lists that depend on who asks."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bartizan.model.errors import NetworkError
from bartizan.model.identity import canonical, digest
from bartizan.model.service import Request
from bartizan.model.session import ServerSession
from bartizan.sensors.mcp.access import answers
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.offer import Offer

ENOUGH_BITS = 100.0
HOW_MANY = 5


def session_flaws(session: ServerSession, offer: Offer | None) -> Iterator[Flaw]:
    """Of an open server over streamable HTTP."""
    if offer is None or session.transport != "http":
        return
    yield from _variance(session, offer)
    if session.era != "session":
        return
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
    prefix = common_start(identities)
    suffix = common_start([identity[::-1] for identity in identities])
    differing = [identity[len(prefix) : len(identity) - len(suffix) if suffix else None] for identity in identities]
    if all(part.isdigit() and len(part) <= 10 for part in differing if part):
        return "differ by a number only"
    alphabet = len(set("".join(differing)))
    bits = min(len(part) for part in differing) * math.log2(max(alphabet, 2))
    return f"hold about {bits:.0f} bits" if bits < ENOUGH_BITS else ""


def _reuse(session: ServerSession, identity: str) -> Iterator[Flaw]:
    """An id that was made up, or whose session was ended, must not be served."""
    usual = session.listing()
    body = canonical({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}).encode()

    def list_with(name: str) -> bool:
        version = session.greeting.get("protocolVersion")
        headers = (*usual.headers, ("mcp-session-id", name), ("mcp-protocol-version", str(version)))
        return answers(session.exchange(Request(usual.path, "POST", headers, body)))

    if not list_with(identity):
        return
    if list_with(digest(session.url, "made up")):
        yield Flaw("weak-session-id", (), "a made-up session id is served", proof="made up")
    ended = _end(session, identity)
    if ended and list_with(identity):
        yield Flaw("weak-session-id", (), "a session that was ended is still served", proof="ended")


def _end(session: ServerSession, identity: str) -> bool:
    usual = session.listing()
    reply = session.exchange(Request(usual.path, "DELETE", (("mcp-session-id", identity),)))
    return 200 <= reply.status < 300


def _variance(session: ServerSession, offer: Offer) -> Iterator[Flaw]:
    """The same question under another client's name."""
    other = session.again()
    try:
        if not other.open() or other.challenge is not None:
            return
        listed = other.call("tools/list", {})
    except NetworkError:
        return
    tools = listed.get("tools") if isinstance(listed, dict) else None
    if not isinstance(tools, list) or listed.get("nextCursor"):
        return
    first = {item.name: canonical(dict(item.value)) for item in offer.of_kind("tool")}
    second = {str(tool.get("name")): canonical(tool) for tool in tools if isinstance(tool, dict)}
    differing = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    if differing:
        yield Flaw(
            "inconsistent-listing",
            (),
            f"another client is told something else of: {', '.join(differing[:8])}",
            proof="variance",
        )


def common_start(texts: list[str]) -> str:
    """The longest text that all begin with."""
    low, high = min(texts), max(texts)
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[:same]
