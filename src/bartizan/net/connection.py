"""Guarded connections: the one door to the network."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

from bartizan.model.errors import LimitError, NetworkError
from bartizan.net.pace import Pace
from bartizan.scope.guard import Guard
from bartizan.scope.ledger import Touch


@dataclass(slots=True)
class Door:
    """Opens connections for one worker. Safe to share between its threads.

    `touches` collects what was contacted until the pipeline takes it for the ledger.
    """

    guard: Guard
    pace: Pace
    timeout: float = 5.0
    touches: list[Touch] = field(default_factory=list)
    _pins: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def connect(
        self,
        host: str,
        port: int,
        *,
        tls: bool = False,
        purpose: str = "connect",
        timeout: float = 0.0,
        trusted: bool = False,
    ) -> Connection:
        """Connect to a pinned address of `host`; each step takes at most `timeout` seconds (default: the door's).

        Where a name has several addresses they are tried in turn, and the one that answered first stays the one.

        Raises ScopeError when the guard refuses (no packet was sent), NetworkError when nobody answers, the name
        does not resolve or TLS fails. Certificates are not judged here, for what is wrong with one is evidence;
        with `trusted`, which is for sending secrets, a certificate that does not hold is a failure.
        """
        try:
            addresses = self.pin(host, port)
        except OSError as error:
            raise NetworkError(f"{host} does not resolve: {error.strerror or error}") from None
        link, address = self._reach(host, addresses, port, purpose, timeout or self.timeout)
        if not tls:
            return Connection(link, address)
        try:
            context = ssl.create_default_context() if trusted else _context()
            secure = context.wrap_socket(link, server_hostname=host)
        except (OSError, ValueError) as error:
            link.close()
            raise NetworkError(f"{host}:{port}: TLS failed: {_reason(error)}") from None
        return Connection(secure, address, certificate=secure.getpeercert(binary_form=True) or b"")

    def _reach(
        self, host: str, addresses: tuple[str, ...], port: int, purpose: str, seconds: float
    ) -> tuple[socket.socket, str]:
        reason = ""
        for address in addresses:
            self.pace.wait(address)
            self.touch(Touch(time.time(), f"{host}:{port}", address, purpose))
            try:
                link = socket.create_connection((address, port), seconds)
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                reason = reason or _reason(error)
                continue
            self._pins[(host, port)] = (address,)
            return link, address
        raise NetworkError(f"{host}:{port}: {reason}")

    def pin(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of `host` on that port, resolved once in the life of this door; one, once it has answered.

        Raises ScopeError when the guard refuses, or the authorisation has ended meanwhile; OSError when the name
        has no address.
        """
        addresses = self._pins.get((host, port))
        if addresses is None:
            addresses = self._pins[(host, port)] = self.guard.pin(host, port)
        self.guard.check_time()
        return addresses

    def touch(self, touch: Touch) -> None:
        """Note a contact for the ledger."""
        with self._lock:
            self.touches.append(touch)

    def take_touches(self) -> list[Touch]:
        """Hand over what was contacted since the last call."""
        with self._lock:
            taken, self.touches = self.touches, []
        return taken


@dataclass(slots=True)
class Connection:
    """One open connection. `certificate` is the peer's, in DER form, with TLS."""

    link: socket.socket
    address: str
    certificate: bytes = b""

    def send(self, data: bytes) -> None:
        """Send all of it. Raises NetworkError."""
        try:
            self.link.sendall(data)
        except OSError as error:
            raise NetworkError(_reason(error)) from None

    def receive(self, deadline: float, size: int = 65536) -> bytes:
        """The next bytes, at most `size`; empty when the peer has closed.

        `deadline` is on the monotonic clock. Raises LimitError past it, NetworkError when the connection breaks.
        """
        left = deadline - time.monotonic()
        if left <= 0:
            raise LimitError("no answer in time")
        try:
            self.link.settimeout(left)
            return self.link.recv(size)
        except TimeoutError:
            raise LimitError("no answer in time") from None
        except OSError as error:
            raise NetworkError(_reason(error)) from None

    def close(self) -> None:
        """Close without ceremony."""
        self.link.close()


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
