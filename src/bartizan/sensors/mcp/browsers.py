"""What a web page gets from a live server: under a foreign origin, under a foreign name, and whether it may read."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from bartizan.model.identity import digest
from bartizan.model.service import Reply
from bartizan.model.session import ServerSession
from bartizan.model.severity import Confidence, Severity
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.replies import answers, shown


def browser_flaws(session: ServerSession) -> Iterator[Flaw]:
    """A browser page, or a name that was made to point here, must not be answered. Of an open server."""
    if not answers(session.exchange(session.listing())):
        return
    near = is_near(session.location.host or "") or is_inside(session.location.host or "")
    origin, reply = _from_elsewhere(session)
    if answers(reply):
        yield Flaw(
            "origin-not-checked",
            (),
            f"a question from the foreign origin {origin} is answered",
            severity=Severity.HIGH if near else Severity.MEDIUM,
            confidence=Confidence.CERTAIN,
            detail=shown(reply),
            proof="origin",
        )
        yield from _readable(reply, origin)
    foreign = session.exchange(session.listing(("host", f"{digest(session.url, 'host')[:12]}.invalid")))
    if answers(foreign):
        yield Flaw(
            "host-not-checked",
            (),
            "a question under a foreign Host name is answered",
            severity=Severity.HIGH if near else Severity.LOW,
            confidence=Confidence.CERTAIN,
            detail=shown(foreign),
            proof="host",
        )


def guarded_browser_flaws(session: ServerSession) -> Iterator[Flaw]:
    """Of a server that wants credentials: a page that sends its visitor's along must not read the answers. Letting
    any page read without them is what clients in a browser need.
    """
    origin, reply = _from_elsewhere(session)
    if reply.header("access-control-allow-credentials").lower() == "true":
        yield from _readable(reply, origin)


def _from_elsewhere(session: ServerSession) -> tuple[str, Reply]:
    origin = f"http://{digest(session.url, 'origin')[:12]}.invalid"
    return origin, session.exchange(session.listing(("origin", origin)))


def _readable(reply: Reply, origin: str) -> Iterator[Flaw]:
    allowed = reply.header("access-control-allow-origin")
    if allowed not in ("*", origin):
        return
    with_credentials = reply.header("access-control-allow-credentials").lower() == "true"
    yield Flaw(
        "cors-any-origin",
        (),
        f"access-control-allow-origin is {allowed if allowed == '*' else 'whatever origin asks'}"
        + (", with credentials" if with_credentials else ""),
        severity=Severity.HIGH if with_credentials and allowed != "*" else Severity.MEDIUM,
        proof="cors",
    )


def is_near(host: str) -> bool:
    """This machine."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_inside(host: str) -> bool:
    """A private network."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_private
    except ValueError:
        return "." not in host
