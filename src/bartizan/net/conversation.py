"""One connection that speaks HTTP/1.1: tolerant of what servers do, bounded in size and time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bartizan.model.errors import LimitError, NetworkError
from bartizan.model.service import Reply, Request
from bartizan.net.coding import decoded
from bartizan.net.connection import Connection
from bartizan.net.message import MAX_HEAD, Head, NotHttpError, encode_request, head_end, parse_head

_MAX_INTERIM = 8
_MAX_CHUNK_LINE = 1024


@dataclass(slots=True)
class Conversation:
    """Questions and answers on one kept connection, one at a time.

    `reusable` tells whether a further question may be asked; `fresh` that none was answered yet. `heard` is what
    arrived of the answer under way.
    """

    connection: Connection
    authority: str
    reusable: bool = True
    fresh: bool = True
    _buffer: bytearray = field(default_factory=bytearray)

    def exchange(self, request: Request, seconds: float, limit: int) -> Reply:
        """Ask and read the whole answer.

        Raises NetworkError when no head of an answer arrived (LimitError: not in time; NotHttpError: something
        else was spoken). What goes wrong later stands in the reply's `error`, with what had arrived.
        """
        start = time.monotonic()
        head = self.begin(request, start + seconds)
        body, error, truncated = bytearray(), "", False
        try:
            for piece in self.pieces(request, head, start + seconds):
                body += piece
                if len(body) > limit or _first_event(head, body):
                    truncated, self.reusable = True, False
                    break
        except NetworkError as failure:
            error, truncated, self.reusable = failure.what, True, False
        except LimitError as failure:
            error, truncated, self.reusable = failure.what, True, False
        if not self.reusable:
            self.close()
        self.fresh = False
        reply = Reply(head.status, head.headers, bytes(body[:limit]), error, truncated, time.monotonic() - start)
        coding = head.header("content-encoding")
        if not coding:
            return reply
        plain, cut = decoded(reply.body, coding, limit)
        return replace(reply, body=plain, truncated=truncated or cut)

    def begin(self, request: Request, deadline: float) -> Head:
        """Send the question and read the head of its answer; `pieces` then gives the body as it arrives.

        `deadline` is on the monotonic clock. Raises as `exchange` does.
        """
        try:
            self.connection.send(encode_request(request, self.authority))
            for _ in range(_MAX_INTERIM):
                head = self._head(deadline)
                if head.status >= 200 or head.status == 101:
                    return head
        except (NetworkError, LimitError):
            self.close()
            raise
        self.close()
        raise NetworkError("nothing but interim answers")

    def pieces(self, request: Request, head: Head, deadline: float) -> Iterator[bytes]:
        """The body as it arrives, without its framing (content codings are left on).

        Raises NetworkError when it breaks off, LimitError past the deadline. An endless body is endless here: the
        caller counts.
        """
        self.reusable = head.keep
        if request.method == "HEAD" or head.status in (101, 204, 304):
            return
        if head.chunked:
            yield from self._chunks(deadline)
        elif head.length >= 0:
            yield from self._exactly(head.length, deadline)
        else:
            self.reusable = False
            yield from self._rest(deadline)
        if self._buffer:
            self.reusable = False

    def close(self) -> None:
        """Close the connection."""
        self.reusable = False
        self.connection.close()

    def _head(self, deadline: float) -> Head:
        buffer = self._buffer
        while True:
            end, start = head_end(buffer)
            if end >= 0:
                break
            if len(buffer) > MAX_HEAD:
                raise NetworkError("the head of the answer is too long")
            if len(buffer) >= 5 and buffer[:5] != b"HTTP/":
                raise NotHttpError(bytes(buffer[:512]))
            data = self.connection.receive(deadline)
            if not data:
                if buffer:
                    raise NotHttpError(bytes(buffer[:512]))
                raise NetworkError("closed without an answer")
            buffer += data
        raw = bytes(buffer[:end])
        del buffer[:start]
        return parse_head(raw)

    def _exactly(self, length: int, deadline: float) -> Iterator[bytes]:
        while length > 0:
            piece = self._take(length, deadline)
            if not piece:
                raise NetworkError("the body ended early")
            length -= len(piece)
            yield piece

    def _rest(self, deadline: float) -> Iterator[bytes]:
        while piece := self._take(1 << 20, deadline):
            yield piece

    def _chunks(self, deadline: float) -> Iterator[bytes]:
        while True:
            line = self._line(deadline)
            digits = line.partition(b";")[0].strip()
            try:
                size = int(digits, 16) if 0 < len(digits) < 16 else -1
            except ValueError:
                size = -1
            if size < 0:
                raise NetworkError("a chunk without a size")
            if size == 0:
                while self._line(deadline):
                    pass
                return
            yield from self._exactly(size, deadline)
            self._line(deadline)

    def _line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_CHUNK_LINE:
                raise NetworkError("a line of the body's framing is too long")
            data = self.connection.receive(deadline)
            if not data:
                raise NetworkError("the body ended early")
            self._buffer += data
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line

    def _take(self, size: int, deadline: float) -> bytes:
        if self._buffer:
            piece = bytes(self._buffer[:size])
            del self._buffer[:size]
            return piece
        piece = self.connection.receive(deadline)
        if len(piece) > size:
            self._buffer += piece[size:]
            piece = piece[:size]
        return piece


def _first_event(head: Head, body: bytearray) -> bool:
    """An event stream never ends: its first event is the answer."""
    if not head.header("content-type").startswith("text/event-stream"):
        return False
    return b"\n\n" in body or b"\r\n\r\n" in body or b"\r\r" in body
