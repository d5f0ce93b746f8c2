"""Protocols other than HTTP: send the bytes of a question, and know when its answer is complete."""

from __future__ import annotations

import time
from collections.abc import Callable

from bartizan.model.errors import LimitError
from bartizan.model.service import Reply, Request
from bartizan.net.connection import Connection

_QUIET = 0.4
"""Seconds of silence that end an answer whose protocol has no length of its own."""


def converse(connection: Connection, request: Request, seconds: float, limit: int) -> Reply:
    """Send `request.body` (nothing to hear a greeting) and read the answer. Closes the connection.

    Raises LimitError when nothing at all is heard in time, NetworkError when the connection breaks.
    """
    start = time.monotonic()
    deadline, heard = start + seconds, bytearray()
    complete = _COMPLETE.get(request.protocol, _never)
    try:
        if request.body:
            connection.send(request.body)
        while len(heard) < limit and not complete(heard):
            until = min(deadline, time.monotonic() + _QUIET) if heard else deadline
            try:
                data = connection.receive(until)
            except LimitError:
                if not heard:
                    raise
                break
            if not data:
                break
            heard += data
    finally:
        connection.close()
    error = "" if heard else "closed without an answer"
    return Reply(body=bytes(heard[:limit]), error=error, truncated=len(heard) > limit, seconds=time.monotonic() - start)


def _never(_: bytearray) -> bool:
    return False


def _redis(heard: bytearray) -> bool:
    """Simple strings and errors end with the line; a bulk string has its length before it (RESP2)."""
    if not heard.endswith(b"\r\n"):
        return False
    if heard[:1] in b"+-:":
        return True
    line, _, rest = heard.partition(b"\r\n")
    size = line[1:]
    return line[:1] == b"$" and size.lstrip(b"-").isdigit() and len(rest) >= int(size) + 2


def _postgresql(heard: bytearray) -> bool:
    """An SSLRequest is answered by one byte; everything else by a type byte and a length that counts itself."""
    if bytes(heard) in (b"S", b"N"):
        return True
    return len(heard) >= 5 and len(heard) >= 1 + int.from_bytes(heard[1:5], "big")


def _mysql(heard: bytearray) -> bool:
    return len(heard) >= 4 and len(heard) >= 4 + int.from_bytes(heard[:3], "little")


def _mongodb(heard: bytearray) -> bool:
    return len(heard) >= 4 and len(heard) >= int.from_bytes(heard[:4], "little")


def _line(heard: bytearray) -> bool:
    return heard.endswith(b"\n")


_COMPLETE: dict[str, Callable[[bytearray], bool]] = {
    "redis": _redis,
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mongodb": _mongodb,
    "nats": _line,
}
