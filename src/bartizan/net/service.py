"""One listening port, asked over kept connections; each question goes out once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bartizan.model.errors import LimitError, NetworkError, ScopeError
from bartizan.model.location import Location
from bartizan.model.service import Reply, Request
from bartizan.net.connection import Connection, Door
from bartizan.net.conversation import Conversation
from bartizan.net.grpc import ask_grpc
from bartizan.net.message import Head, NotHttpError
from bartizan.net.speech import converse

TLS_PORTS = frozenset({443, 2376, 4443, 5443, 6443, 7443, 8443, 9443, 10250})
"""Where TLS is tried before plain text; everywhere else after it. Which of both speaks is found out either way."""

_HTTPS_WANTED = (b"HTTP request was sent to HTTPS", b"HTTP request to an HTTPS", b"speaking plain HTTP to an SSL")
_BUSY = (429, 503)
_FINAL = ("refused", "no answer in time", "does not resolve", "unreachable", "too long", "headers", "interim")
"""Failures after which the other way (TLS or plain) is not worth a try."""
_FALLBACK = 2.0
"""Seconds for the other way."""
_PATIENCE = 2
_LEAST = 0.5
"""Seconds below which a wait is not worth a question."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one answer (seconds to its last byte, bytes of a body and of the page at `/`), and of a service."""

    seconds: float = 6.0
    body: int = 256 << 10
    root: int = 1 << 20
    wait: float = 5.0
    """Longest that a server's Retry-After is heeded, in seconds."""
    silence: float = 8.0
    """Seconds that a service may cost, all questions together, by answers that do not come or do not end."""
    life: float = 60.0
    """Seconds that all its answers together may take."""


@dataclass(slots=True, eq=False)
class LiveService:
    """A `model.service.Service` on the network. Safe to ask from several threads; questions go out one by one.

    After two questions without any answer it is left alone, and so is one that costs more waiting than the limits
    allow: what follows is answered by that error. `path` is the path of the URL that was named, `/` otherwise.
    """

    door: Door
    host: str
    port: int
    process: str = ""
    bind: str = ""
    path: str = "/"
    tls: bool = False
    limits: Limits = field(default_factory=Limits)
    certificate: bytes = b""
    address: str = ""
    location: Location = field(init=False)
    _memory: dict[Request, Reply] = field(default_factory=dict, repr=False)
    _kept: Conversation | None = field(default=None, repr=False)
    _settled: bool = field(default=False, repr=False)
    _silences: int = field(default=0, repr=False)
    _waited: float = field(default=0.0, repr=False)
    _spent: float = field(default=0.0, repr=False)
    _gave_up: str = field(default="", repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        self.location = Location(host=self.host, port=self.port)
        self.tls = self.tls or self.port in TLS_PORTS

    @property
    def authority(self) -> str:
        """What stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    @property
    def gave_up(self) -> str:
        """Why it is left alone; empty while it is not."""
        return self._gave_up

    def ask(self, request: Request) -> Reply:
        """Send the question, or give the remembered answer. Never raises for what the network does."""
        with self._lock:
            reply = self._memory.get(request)
            if reply is None:
                reply = self._memory[request] = self._guarded(request)
            return reply

    def asked(self) -> tuple[tuple[Request, Reply], ...]:
        """All that was exchanged so far, in order."""
        with self._lock:
            return tuple(self._memory.items())

    @contextmanager
    def stream(self, request: Request, seconds: float) -> Iterator[tuple[Head, Iterator[bytes]]]:
        """Ask on a connection of its own: the head, then the body piece by piece as it arrives.

        For event streams and conversations with state; nothing is remembered. The whole takes at most `seconds`.
        The caller bounds the size. Raises NetworkError, LimitError, ScopeError.
        """
        talk = self._open()
        try:
            deadline = time.monotonic() + seconds
            head = talk.begin(request, deadline)
            yield head, talk.pieces(request, head, deadline)
        finally:
            talk.close()

    def close(self) -> None:
        """Let go of the kept connection; a later question opens another."""
        with self._lock:
            if self._kept is not None:
                self._kept.close()
                self._kept = None

    def _guarded(self, request: Request) -> Reply:
        if self._gave_up:
            return Reply(error=self._gave_up)
        start = time.monotonic()
        try:
            reply = self._answer(request)
        except NotHttpError as failure:
            self._silences = 0
            reply = Reply(body=failure.banner, error=failure.what, seconds=time.monotonic() - start)
        except (NetworkError, LimitError, ScopeError) as failure:
            self._silences += isinstance(failure, LimitError) or _is_late(failure.what)
            if self._silences >= _PATIENCE or isinstance(failure, ScopeError):
                self._gave_up = failure.what
            reply = Reply(error=failure.what, seconds=time.monotonic() - start)
        else:
            self._silences = 0
        self._account(reply, time.monotonic() - start)
        return reply

    def _account(self, reply: Reply, seconds: float) -> None:
        """Count what the answer cost; tarpits give a byte a second for as long as they are listened to."""
        self._spent += seconds
        if _is_late(reply.error):
            self._waited += seconds
        if self.limits.silence - self._waited < _LEAST or self._spent > self.limits.life:
            self._gave_up = self._gave_up or reply.error or "too slow to be asked on"

    @property
    def _seconds(self) -> float:
        """What the next answer may take."""
        return max(_LEAST, min(self.limits.seconds, self.limits.silence - self._waited))

    def _answer(self, request: Request) -> Reply:
        if request.protocol == "grpc":
            return ask_grpc(self._connect("grpc"), self.authority, request, self._seconds)
        if request.protocol != "http":
            return converse(self._connect(request.protocol), request, self._seconds, self.limits.body)
        reply = self._http(request) if self._settled else self._settle(request)
        if reply.status in _BUSY and (delay := _retry_after(reply)) is not None:
            delay = min(delay, self.limits.wait)
            self.door.pace.slow_down(self.address, delay)
            if reply.status == 429:
                time.sleep(delay)
                return self._http(request)
        return reply

    def _settle(self, request: Request) -> Reply:
        """The first question finds out whether TLS is spoken; where neither way works, the first error stands."""
        try:
            reply = self._http(request)
            if self.tls or reply.status != 400 or not any(mark in reply.body for mark in _HTTPS_WANTED):
                self._settled = True
                return reply
            first: NetworkError = NetworkError("TLS is wanted")
        except NotHttpError as failure:
            if self.tls or failure.banner[:2] not in (b"\x15\x03", b"\x16\x03"):
                self._settled = True
                raise
            first = failure
        except NetworkError as failure:
            if any(mark in failure.what for mark in _FINAL):
                raise
            first = failure
        self.tls = not self.tls
        try:
            reply = self._http(request, _FALLBACK)
        except (NetworkError, LimitError):
            self.tls = not self.tls
            self._settled = True
            raise first from None
        self._settled = True
        return reply

    def _http(self, request: Request, timeout: float = 0.0) -> Reply:
        limit = self.limits.root if request.path == "/" else self.limits.body
        kept, self._kept = self._kept, None
        if kept is not None:
            try:
                return self._keep(kept, kept.exchange(request, self._seconds, limit))
            except NotHttpError:
                raise
            except NetworkError:
                pass  # a kept connection may have been closed meanwhile: ask once more on a new one
        talk = self._open(timeout)
        return self._keep(talk, talk.exchange(request, timeout or self._seconds, limit))

    def _keep(self, talk: Conversation, reply: Reply) -> Reply:
        if talk.reusable:
            self._kept = talk
        return reply

    def _open(self, timeout: float = 0.0) -> Conversation:
        return Conversation(self._connect("http", tls=self.tls, timeout=timeout), self.authority)

    def _connect(self, purpose: str, *, tls: bool = False, timeout: float = 0.0) -> Connection:
        connection = self.door.connect(self.host, self.port, tls=tls, purpose=purpose, timeout=timeout)
        self.address = connection.address
        self.certificate = self.certificate or connection.certificate
        return connection


def _is_late(what: str) -> bool:
    return "no answer in time" in what


def _retry_after(reply: Reply) -> float | None:
    text = reply.header("retry-after")
    return (
        float(text) if text.isascii() and text.isdigit() and len(text) < 6 else (1.0 if reply.status == 429 else None)
    )
