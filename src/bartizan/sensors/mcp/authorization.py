"""What a protected server says of who may sign in: RFC 9728 for the resource, RFC 8414 for its authority."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from bartizan.model.service import Reply, Request
from bartizan.model.session import ServerSession
from bartizan.model.severity import Severity
from bartizan.rules.entry import server_address
from bartizan.sensors.mcp.browsers import is_near
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.replies import netloc, result_of

_METADATA = re.compile(r'resource_metadata\s*=\s*"?([^",\s]+)')


def authorization_flaws(session: ServerSession) -> Iterator[Flaw]:
    """Nothing for an open server that publishes no metadata; a protected one must."""
    path = urlsplit(session.url).path.rstrip("/")
    challenge = session.challenge
    named = _METADATA.search(challenge.header("www-authenticate")) if challenge is not None else None
    metadata, place, elsewhere = None, "", False
    for candidate in (
        named.group(1) if named else "",
        f"/.well-known/oauth-protected-resource{path}",
        "/.well-known/oauth-protected-resource",
    ):
        if not candidate:
            continue
        reply = session.fetch(candidate) if "://" in candidate else session.exchange(Request(candidate))
        elsewhere = elsewhere or "scope" in reply.error
        found = result_of(reply) if reply.status == 200 else None
        if isinstance(found, dict) and "resource" in found:
            metadata, place = found, candidate
            break
    if challenge is not None and named is None and challenge.status == 401:
        what = "and no metadata is published" if metadata is None else f"though it is published at {place}"
        yield Flaw(
            "no-resource-metadata",
            (),
            f"the refusal does not say where the resource's metadata is, {what}",
            severity=Severity.LOW if metadata is not None or _wants_key(challenge) else Severity.MEDIUM,
            proof="challenge",
        )
    elif challenge is not None and metadata is None and named is not None and not elsewhere:
        yield Flaw(
            "no-resource-metadata", (), f"{named.group(1)[:160]} holds no metadata of the resource", proof="absent"
        )
    if metadata is not None:
        yield from _resource(session, metadata)
        yield from _authorities(session, metadata)


def _wants_key(challenge: Reply) -> bool:
    """Whether the refusal is that of a server with keys of its own, which has no authority to name."""
    says = challenge.header("www-authenticate").lower()
    if says and not says.startswith("bearer"):
        return True
    return not says and re.search(rb"(?i)api[-_ ]?key", challenge.body[:4000]) is not None


def _resource(session: ServerSession, metadata: dict[str, Any]) -> Iterator[Flaw]:
    resource = metadata.get("resource")
    same = isinstance(resource, str) and server_address(resource) in (
        server_address(session.url),
        server_address(session.url.rpartition("/")[0]),
        server_address(f"{urlsplit(session.url).scheme}://{netloc(session.url)}"),
    )
    if not same:
        yield Flaw(
            "resource-mismatch",
            (),
            f"the metadata is for {str(resource)[:160]}, the server is {session.url}",
            severity=None if session.challenge is not None else Severity.LOW,
            proof="resource",
        )


def _authorities(session: ServerSession, metadata: dict[str, Any]) -> Iterator[Flaw]:
    methods = metadata.get("bearer_methods_supported")
    if isinstance(methods, list) and "query" in methods:
        yield _weak("tokens are taken in the address, which ends up in logs", "query", Severity.MEDIUM)
    listed = metadata.get("authorization_servers")
    issuers = [item for item in listed if isinstance(item, str)][:3] if isinstance(listed, list) else []
    if not issuers:
        yield Flaw("no-resource-metadata", (), "the metadata names no authority to sign in with", proof="authority")
    for issuer in issuers:
        parts = urlsplit(issuer)
        if parts.scheme == "http" and not is_near(parts.hostname or ""):
            yield _weak(f"{issuer[:120]} is reached without TLS", "http")
            continue
        base, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
        found: Any = None
        for candidate in (
            f"{base}/.well-known/oauth-authorization-server{path}",
            f"{base}/.well-known/openid-configuration{path}",
            f"{base}{path}/.well-known/openid-configuration",
        ):
            reply = session.fetch(candidate)
            if reply.error and "scope" in reply.error:
                return  # somebody else's authority: it is not asked
            found = result_of(reply) if reply.status == 200 else None
            if isinstance(found, dict) and "issuer" in found:
                break
            found = None
        if isinstance(found, dict):
            yield from _authority(issuer, found)
        else:
            yield _weak(f"{issuer[:120]} publishes no metadata", "absent", Severity.MEDIUM)


def _authority(issuer: str, found: dict[str, Any]) -> Iterator[Flaw]:
    if str(found.get("issuer", "")).rstrip("/") != issuer.rstrip("/"):
        yield _weak(
            f"its metadata names the issuer {str(found.get('issuer'))[:120]} instead of {issuer[:120]}", "issuer"
        )
    methods = found.get("code_challenge_methods_supported")
    if not isinstance(methods, list) or "S256" not in methods:
        yield _weak("PKCE with S256 is not supported", "pkce")
    responses = found.get("response_types_supported")
    if isinstance(responses, list) and any("token" in str(kind).split() for kind in responses):
        yield _weak("the implicit grant, whose tokens stand in addresses, is offered", "implicit", Severity.LOW)
    for key in ("authorization_endpoint", "token_endpoint", "registration_endpoint"):
        address = found.get(key)
        if isinstance(address, str) and address.startswith("http://") and not is_near(urlsplit(address).hostname or ""):
            yield _weak(f"{key} is reached without TLS", key)
    if isinstance(found.get("registration_endpoint"), str):
        yield _weak("anybody may register a client", "registration", Severity.INFO)
    if found.get("authorization_response_iss_parameter_supported") is not True:
        yield _weak("answers do not name their issuer (RFC 9207)", "iss", Severity.LOW)


def _weak(what: str, proof: str, severity: Severity | None = None) -> Flaw:
    return Flaw("weak-authorization-server", (), what, severity=severity, proof=proof)
