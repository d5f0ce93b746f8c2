"""Asks one service as little as decides what it is."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from bartizan.model.identity import digest
from bartizan.model.service import Request, Service
from bartizan.sensors.exposure.answer import Answer, holds
from bartizan.sensors.exposure.book import Book

CEILING = 15
CEILING_DEEP = 60
_HOPS = 3
_REFRESH = re.compile(rb"""<meta[^>]{0,80}http-equiv=["']?refresh["']?[^>]{0,80}url=([^"'> ]{1,200})""", re.IGNORECASE)


class Interview:
    """The answers of one service so far. No question is put twice, none beyond the ceiling, none that is forbidden."""

    def __init__(self, service: Service, book: Book, *, deep: bool = False) -> None:
        self.service = service
        self.book = book
        self.answers: dict[str, Answer] = {}
        self.count = 0
        self.ceiling = CEILING_DEEP if deep else CEILING
        self.landing: list[Answer] = []
        self.missing: Answer | None = None
        self.speaks = False
        self._asked: dict[Request, Answer] = {}

    def open(self) -> bool:
        """Ask for a path that cannot exist and for the root, following it on the same host.

        False when the service does not speak HTTP, or not at all.
        """
        token = digest("baseline", str(self.service.location))[:14]
        self.missing = self._put("?", Request(f"/{token}"))
        if self.missing is None or self.missing.reply.status == 0:
            return False
        self.speaks = True
        root = self._put("/", Request("/"))
        if root is not None:
            self.landing.append(root)
            self._follow(root)
        return True

    def ask(self, name: str) -> Answer | None:
        """The answer to the question of that name; None when it may not, or can no longer, be asked."""
        known = self.answers.get(name)
        if known is not None:
            return known
        request = self.book.request(name)
        return None if request is None else self._put(name, request)

    def can_ask(self, name: str) -> bool:
        """Whether `ask` would send something new."""
        return name not in self.answers and self.count < self.ceiling and name not in ("*", "?", "/")

    def read(self, name: str) -> list[Answer]:
        """The answers that a sign at `name` looks at, of those that are here."""
        if name == "/":
            return self.landing
        if name == "*":
            return list(self.answers.values())
        answer = self.answers.get(name)
        return [] if answer is None or answer.alike else [answer]

    def _put(self, name: str, request: Request) -> Answer | None:
        answer = self._asked.get(request)
        if answer is None:
            if self.count >= self.ceiling:
                return None
            self.count += 1
            answer = Answer(name, request, self.service.ask(request))
            if self.missing is not None and request.protocol == "http":
                answer.alike = answer.shape == self.missing.shape
            self._asked[request] = answer
        self.answers[name] = answer
        return answer

    def _follow(self, answer: Answer) -> None:
        for _ in range(_HOPS):
            path = self._onward(answer)
            if not path or path in self.answers or self.book.is_forbidden(Request(path)):
                return
            following = self._put(path, Request(path))
            if following is None:
                return
            self.landing.append(following)
            answer = following

    def _onward(self, answer: Answer) -> str:
        """The path on this very host that a page leads to; empty when it leads nowhere, or elsewhere."""
        reply = answer.reply
        target = reply.header("location") if 300 <= reply.status < 400 else ""
        if reply.status == 200 and len(reply.body) < 4096 and (refresh := _REFRESH.search(reply.body)):
            target = refresh.group(1).decode("latin-1")
        location = self.service.location
        scheme = "https" if self.service.tls else "http"
        host = f"[{location.host}]" if ":" in str(location.host) else location.host
        try:
            parts = urlsplit(urljoin(f"{scheme}://{host}:{location.port}{answer.request.path}", target.strip()))
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            return ""
        if not target or parts.scheme != scheme or parts.hostname != location.host or port != location.port:
            return ""
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return path if path.isascii() and path.isprintable() and " " not in path and len(path) < 500 else ""


def stacks_of(interview: Interview) -> frozenset[str]:
    """Names of the server software that the answers so far show."""
    names = set()
    for stack in interview.book.stacks:
        for sign in stack.tests:
            answers = [interview.missing] if sign.at == "?" else interview.read(sign.at)
            if any(answer is not None and holds(sign, answer) for answer in answers):
                names.add(stack.name)
                break
    return frozenset(names)
