"""Servers that do what servers must not, one handler for each way."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Handler = Callable[[socket.socket, bytes], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@contextmanager
def serving(handler: Handler, server: socket.socket | None = None) -> Iterator[int]:
    """The handler on a loopback port: it gets each connection with the first request read."""
    server = server or socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def talk(link: socket.socket) -> None:
        with contextlib.suppress(OSError), link:
            link.settimeout(20)
            while not stop.is_set():
                request = b""
                while b"\r\n\r\n" not in request:
                    data = link.recv(65536)
                    if not data:
                        return
                    request += data
                handler(link, request)

    def accept() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                link, _ = server.accept()
                threading.Thread(target=talk, args=(link,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        stop.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()


def answers(body: bytes, head: bytes = OK) -> Handler:
    """A well-behaved answer to everything."""

    def handle(link: socket.socket, _: bytes) -> None:
        link.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    return handle


def says(raw: bytes, *, close: bool = True) -> Handler:
    """Exactly these bytes, then the connection is closed, or left open and silent."""

    def handle(link: socket.socket, _: bytes) -> None:
        link.sendall(raw)
        if close:
            link.close()
        else:
            time.sleep(10)

    return handle


def endless(link: socket.socket, _: bytes) -> None:
    """A body that never ends."""
    link.sendall(OK + b"\r\n")
    for _number in range(20000):
        link.sendall(b"ollama " * 9000)


def chunks_forever(link: socket.socket, _: bytes) -> None:
    """Chunked, and never the last chunk."""
    link.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    for _number in range(20000):
        link.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def drip(link: socket.socket, _: bytes) -> None:
    """One byte a second."""
    for byte in OK + b"\r\nhello":
        link.sendall(bytes((byte,)))
        time.sleep(1)


def silence(link: socket.socket, _: bytes) -> None:
    """Nothing at all."""
    time.sleep(15)


def flood(link: socket.socket, _: bytes) -> None:
    """Headers without end."""
    link.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        link.sendall(b"X-Header-%d: %s\r\n" % (number, b"y" * 200))


def loop(link: socket.socket, request: bytes) -> None:
    """Every page leads to the next one."""
    path = request.split()[1]
    link.sendall(b"HTTP/1.1 302 Found\r\nLocation: " + path + b"a\r\nContent-Length: 0\r\n\r\n")


def echo(link: socket.socket, request: bytes) -> None:
    """JSON that repeats what was asked."""
    path = request.split()[1].decode()
    said = {"path": path, "version": "1.0", "models": [], "message": "Ollama is running vllm sglang", "headers": {}}
    body = json.dumps(said).encode()
    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def bomb(link: socket.socket, _: bytes) -> None:
    """Two hundred megabytes of blanks, packed."""
    packed = gzip.compress(b" " * (200 << 20), 9) if not _BOMB else _BOMB[0]
    _BOMB[:] = [packed]
    link.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)


_BOMB: list[bytes] = []
