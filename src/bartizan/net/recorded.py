"""A service that is written down: the exchanges of a case, answered as they were recorded."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass, field

from bartizan.model.location import Location
from bartizan.model.service import Reply, Request
from bartizan.rules.case import Case, CaseReply
from bartizan.rules.sample import expand

_NOT_FOUND = Reply(404, (("content-type", "text/plain"),), b"404 page not found\n")


@dataclass(slots=True, eq=False)
class RecordedService:
    """A `model.service.Service` made of replies by `METHOD /path` or `protocol name`; `*` answers the rest."""

    location: Location
    replies: dict[str, Reply]
    tls: bool = False
    address: str = "127.0.0.1"
    process: str = ""
    bind: str = ""
    path: str = "/"
    certificate: bytes = b""
    _memory: dict[Request, Reply] = field(default_factory=dict)

    def ask(self, request: Request) -> Reply:
        """The recorded answer."""
        if request not in self._memory:
            self._memory[request] = self._reply(request)
        return self._memory[request]

    def asked(self) -> tuple[tuple[Request, Reply], ...]:
        """All that was asked so far, in order."""
        return tuple(self._memory.items())

    def _reply(self, request: Request) -> Reply:
        if request.protocol != "http":
            silent = Reply(error="closed without an answer")
            return self.replies.get(f"{request.protocol} {request.path}", silent)
        known = self.replies.get(f"{request.method} {request.path}")
        if known is None:
            known = self.replies.get("*", _NOT_FOUND)
            if b"{path}" in known.body:
                body = known.body.replace(b"{path}", request.path.encode())
                return Reply(known.status, known.headers, body, known.error)
        return known


def recorded_service(case: Case) -> RecordedService:
    """The service that a case writes down."""
    replies = {reply.request: _reply(reply, case.name) for reply in case.exchanges}
    location = Location(host=case.address, port=case.port)
    return RecordedService(location, replies, tls=case.tls, address=case.address, bind=case.bind)


def _reply(reply: CaseReply, seed: str) -> Reply:
    body = b64decode(reply.body_base64) if reply.body_base64 else expand(reply.body, seed).encode()
    headers = tuple((name.lower(), value) for name, value in reply.headers)
    return Reply(reply.status, headers, body, reply.error)
