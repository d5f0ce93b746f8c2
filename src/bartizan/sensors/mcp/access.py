"""Who may reach a live server: without credentials, with made-up ones, from a web page, under a foreign name."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from bartizan.model.identity import digest
from bartizan.model.service import Reply
from bartizan.model.session import ServerSession
from bartizan.model.severity import Confidence, Severity
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.offer import Offer

DANGEROUS = frozenset({"execute", "write"})
CAN = {
    "execute": "run programs",
    "write": "change or delete",
    "private": "read private data",
    "external": "send to the outside",
    "untrusted": "bring in foreign text",
}


def access_flaws(session: ServerSession, offer: Offer | None, abilities: frozenset[str]) -> Iterator[Flaw]:
    """What a stranger gets."""
    host = session.location.host or ""
    if not is_near(host) and session.url.startswith("http://"):
        severity = Severity.MEDIUM if is_inside(host) else None
        yield Flaw("plain-http", (), f"the server at {host} answers without TLS", severity=severity)
    if offer is None:
        yield from _fail_open(session)
        return
    if not offer.items:
        return
    yield from _unauthenticated(session, offer, abilities)
    if session.transport == "http":
        yield from _origin(session)
        yield from _header_mismatch(session)
    yield from _verbose(session)
    if session.transport == "sse":
        yield Flaw("legacy-transport", (), "the server speaks the event-stream transport of 2024-11-05")


def can(abilities: frozenset[str]) -> str:
    """Abilities in words."""
    return ", ".join(CAN[ability] for ability in sorted(abilities))


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


def _unauthenticated(session: ServerSession, offer: Offer, abilities: frozenset[str]) -> Iterator[Flaw]:
    """The list was given without credentials. On loopback only this machine's programs and pages reach it."""
    tools = len(offer.of_kind("tool"))
    dangerous = sorted(abilities & DANGEROUS)
    open_to_all = session.bind in ("0.0.0.0", "::", "*")  # noqa: S104 - compared with, not bound to
    near = is_near(session.location.host or "") and not open_to_all
    severity = Severity.HIGH if near else Severity.CRITICAL if dangerous else Severity.HIGH
    if near and not dangerous:
        severity = Severity.MEDIUM
    what = f"; they can {can(abilities & DANGEROUS)}" if dangerous else ""
    yield Flaw(
        "unauthenticated",
        (),
        f"{tools} tools are listed without credentials{what}",
        severity=severity,
        confidence=Confidence.CERTAIN,
        detail=f"tools/list without Authorization: {', '.join(offer.tool_names[:12])}",
        proof="list",
    )
    if open_to_all:
        yield Flaw("all-interfaces", (), f"the server listens on {session.bind} and asks for no credentials")
    if "execute" in abilities or {"write", "private"} <= abilities:
        yield Flaw(
            "dangerous-capability",
            (),
            f"the tools together can {can(abilities)}",
            severity=Severity.MEDIUM if "execute" in abilities else Severity.LOW,
            proof="set",
        )


def _fail_open(session: ServerSession) -> Iterator[Flaw]:
    """A server that wants a token and takes any: asked twice with made-up ones."""
    if session.challenge is None or session.challenge.status not in (401, 403):
        return
    seeds = ("one", "two")
    replies = [
        session.exchange(session.listing(("authorization", f"Bearer {digest(session.url, seed)}"))) for seed in seeds
    ]
    if all(answers(reply) for reply in replies):
        yield Flaw(
            "fail-open-token",
            (),
            f"without a token {session.challenge.status}, with a made-up one {replies[0].status} and a result",
            confidence=Confidence.CERTAIN,
            detail=shown(replies[0]),
            proof="token",
        )


def _origin(session: ServerSession) -> Iterator[Flaw]:
    """A browser page, or a name that was made to point here, must not be answered."""
    if not answers(session.exchange(session.listing())):
        return
    origin = f"http://{digest(session.url, 'origin')[:12]}.invalid"
    reply = session.exchange(session.listing(("origin", origin)))
    near = is_near(session.location.host or "") or is_inside(session.location.host or "")
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
    allowed = reply.header("access-control-allow-origin")
    if allowed in ("*", origin):
        with_credentials = reply.header("access-control-allow-credentials").lower() == "true"
        yield Flaw(
            "cors-any-origin",
            (),
            f"access-control-allow-origin is {allowed if allowed == '*' else 'whatever origin asks'}"
            + (", with credentials" if with_credentials else ""),
            severity=Severity.HIGH if with_credentials and allowed != "*" else Severity.MEDIUM,
            proof="cors",
        )
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


def _header_mismatch(session: ServerSession) -> Iterator[Flaw]:
    """Revision 2026-07-28: gateways decide by the header, so a server must refuse one that says something else."""
    if session.era != "modern":
        return
    reply = session.exchange(session.listing(("mcp-method", "prompts/list")))
    if answers(reply):
        yield Flaw(
            "header-mismatch-accepted",
            (),
            "a question whose Mcp-Method header names another method is answered",
            confidence=Confidence.CERTAIN,
            detail=shown(reply),
            proof="mcp-method",
        )


def _verbose(session: ServerSession) -> Iterator[Flaw]:
    """One malformed question: the answer must not show the server's inside."""
    usual = session.listing()
    reply = session.exchange(type(usual)(usual.path, "POST", usual.headers, b'{"jsonrpc": "2.0", "id": 1, "method": '))
    for mark in (
        b"Traceback (most recent",
        b"\n    at ",
        b"\\n    at ",
        b'File \\"/',
        b"node_modules/",
        b"site-packages/",
    ):
        if mark in reply.body:
            yield Flaw(
                "verbose-errors",
                (),
                "a malformed question is answered with the program's stack",
                detail=shown(reply),
                proof="stack",
            )
            return


def answers(reply: Reply) -> bool:
    """Whether a reply carries a result: 2xx, JSON-RPC and no error."""
    if not 200 <= reply.status < 300:
        return False
    for line in (reply.body, *reply.body.split(b"\n")):
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(message, dict):
            return "result" in message
    return False


def shown(reply: Reply) -> str:
    """Status and the beginning of the answer, safe to print."""
    text = reply.body[:200].decode("utf-8", "replace")
    return f"{reply.status} " + "".join(char if char.isprintable() else " " for char in text)


def result_of(reply: Reply) -> Any:
    """The JSON value of a plain reply, or None."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def netloc(url: str) -> str:
    """Host and port of an address in lower case, the empty string when it has none."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
