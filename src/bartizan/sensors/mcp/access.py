"""Who may reach a live server, and what it tells a stranger."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.model.service import Request
from bartizan.model.session import ServerSession
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.toolfacts import ToolFacts
from bartizan.sensors.mcp.browsers import browser_flaws, guarded_browser_flaws, is_inside, is_near
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.offer import Offer
from bartizan.sensors.mcp.replies import answers, shown
from bartizan.sensors.mcp.tokens import token_flaws
from bartizan.syntax.pattern import compiled

DANGEROUS = frozenset({"execute", "write"})
CAN = {
    "execute": "run programs",
    "write": "change or delete",
    "private": "read private data",
    "external": "send to the outside",
    "untrusted": "bring in foreign text",
}


def access_flaws(
    session: ServerSession, offer: Offer | None, abilities: frozenset[str], facts: ToolFacts
) -> Iterator[Flaw]:
    """What a stranger gets. `offer` is None for a server that wants credentials."""
    host = session.location.host or ""
    if not is_near(host) and session.url.startswith("http://"):
        severity = Severity.MEDIUM if is_inside(host) else None
        yield Flaw("plain-http", (), f"the server at {host} answers without TLS", severity=severity)
    if offer is None:
        yield from token_flaws(session)
        yield from guarded_browser_flaws(session)
        return
    yield from _outdated(session)
    if not offer.items:
        return
    yield from _unauthenticated(session, offer, abilities)
    if session.transport == "http":
        yield from browser_flaws(session)
        yield from _header_mismatch(session)
    yield from _verbose(session, facts)


def _outdated(session: ServerSession) -> Iterator[Flaw]:
    """The revision of 2024-11-05, and its event streams, were superseded in March 2025."""
    version = str(session.greeting.get("protocolVersion", ""))
    if session.transport == "sse":
        yield Flaw("legacy-transport", (), "the server speaks the event-stream transport of 2024-11-05")
    elif session.era == "session" and version[:4].isdigit() and version < "2025-03-26":
        yield Flaw("legacy-transport", (), f"the server knows no later revision than {version[:20]}", proof="revision")


def can(abilities: frozenset[str]) -> str:
    """Abilities in words."""
    return ", ".join(CAN[ability] for ability in sorted(abilities))


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


def _verbose(session: ServerSession, facts: ToolFacts) -> Iterator[Flaw]:
    """One malformed question: the answer must not show the server's inside."""
    usual = session.listing()
    reply = session.exchange(Request(usual.path, "POST", usual.headers, b'{"jsonrpc": "2.0", "id": 1, "method": '))
    if compiled(facts.stacks).search(reply.body[:20_000].decode("utf-8", "replace")):
        yield Flaw(
            "verbose-errors",
            (),
            "a malformed question is answered with the program's stack",
            detail=shown(reply),
            proof="stack",
        )
