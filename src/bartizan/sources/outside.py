"""What a conversation met outside the scope: redirects and names that are said and never contacted."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from bartizan.model.coverage import Coverage, Outcome
from bartizan.net.certificate import certificate_names
from bartizan.net.service import LiveService
from bartizan.scope.guard import Guard

_PORTS = {"http": 80, "https": 443}


def met_outside(service: LiveService, guard: Guard) -> Iterator[Coverage]:
    """One statement for each redirect target and certificate name that the scope does not cover."""
    said: set[str] = set()
    for request, reply in service.asked():
        if 300 <= reply.status < 400 and (target := reply.header("location")):
            end = _end(service, request.path, target)
            if end is not None and end[0] != service.host and not guard.covers(*end):
                said.add(f"redirect|{end[0]}:{end[1]}")
    for name in certificate_names(service.certificate):
        host = name.removeprefix("*.")
        if host != service.host and not guard.covers(host, service.port):
            said.add(f"name in the certificate|{name}")
    for text in sorted(said):
        what, _, host = text.partition("|")
        yield Coverage(Outcome.OUT_OF_SCOPE, host, f"{what} of {service.location}")


def _end(service: LiveService, path: str, target: str) -> tuple[str, int] | None:
    scheme = "https" if service.tls else "http"
    try:
        parts = urlsplit(urljoin(f"{scheme}://{service.authority}{path}", target.strip()))
        if parts.scheme not in _PORTS or not parts.hostname:
            return None
        return parts.hostname[:253], parts.port or _PORTS[parts.scheme]
    except ValueError:
        return None
