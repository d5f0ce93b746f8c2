"""Where a configuration sends traffic: servers over plain HTTP, models behind somebody else's address."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from bartizan.model.document import Document
from bartizan.model.severity import Severity
from bartizan.rules.client import Level
from bartizan.rules.entry import ServerEntry, Word
from bartizan.rules.guard import Endpoints
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.syntax.pattern import compiled
from bartizan.syntax.way import values


def plain_http_flaws(entry: ServerEntry) -> Iterator[Flaw]:
    """Addresses without TLS of servers that are not on this machine."""
    words = [entry.url] if entry.url is not None else []
    words += [word for word in entry.argv if word.text.lower().startswith("http://")]
    for word in words:
        flaw = _plain(word)
        if flaw is not None:
            yield flaw


def _plain(word: Word) -> Flaw | None:
    try:
        parts = urlsplit(word.text)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "ws") or not host or "$" in host or "{" in host or is_loopback(host):
        return None
    inside = _is_private(host)
    return Flaw(
        "plain-http",
        word.way,
        f"the server at {host} is called without TLS" + (" inside a private network" if inside else ""),
        severity=Severity.MEDIUM if inside else None,
        proof=host,
    )


def is_loopback(host: str) -> bool:
    """This machine, by name or address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host in ("host.docker.internal", "host.containers.internal", "gateway.docker.internal")
    return address.is_loopback or address.is_unspecified


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan", ".intranet", ".corp", ".home.arpa"))


def redirect_flaws(document: Document, level: Level, facts: Endpoints) -> Iterator[Flaw]:
    """Settings of a project that send what is said to the model through another host."""
    if level is not Level.PROJECT:
        return
    for pattern in facts.ways:
        for way, value in values(document.value, pattern):
            if pattern.endswith(".*") and not compiled(facts.variables).search(str(way[-1])):
                continue
            if isinstance(value, str) and (host := _elsewhere(value, facts)):
                yield Flaw("model-endpoint-redirect", way, f"{way[-1]} sends the model's traffic to {host}", proof=host)


def _elsewhere(value: Any, facts: Endpoints) -> str:
    try:
        host = urlsplit(value if "://" in value else f"//{value}").hostname or ""
    except ValueError:
        return ""
    if not host or "$" in value or "{" in value or is_loopback(host) or ("." not in host and ":" not in host):
        return ""
    known = any(host == vendor or host.endswith(f".{vendor}") for vendor in facts.vendor_hosts)
    return "" if known else host
