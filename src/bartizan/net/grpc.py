"""Just enough HTTP/2 (RFC 9113) to put one unary gRPC question and to read the messages of its answer.

Header blocks of the answer are not decoded: what the questions of the packs want to know (the services that
reflection lists, a health state, a version message) stands in DATA frames.
"""

from __future__ import annotations

import time

from bartizan.model.errors import LimitError, NetworkError
from bartizan.model.service import Reply, Request
from bartizan.net.connection import Connection

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY = 0, 1, 3, 4, 6, 7
_END_STREAM, _END_HEADERS, _ACK, _PADDED = 1, 4, 1, 8
_MAX_BYTES = 256 << 10


def ask_grpc(connection: Connection, authority: str, request: Request, seconds: float) -> Reply:
    """Call the method `request.path` (`/package.Service/Method`) with the message `request.body`.

    The reply's status is 200 when HTTP/2 was spoken, its body the concatenated messages of the answer (empty when
    the method is unknown). Raises NetworkError when the peer speaks something else, LimitError in time's stead.
    """
    start = time.monotonic()
    deadline = start + seconds
    try:
        connection.send(_PREFACE + _frame(_SETTINGS, 0, 0, b"") + _question(authority, request))
        messages = _listen(connection, deadline)
    finally:
        connection.close()
    return Reply(status=200, body=messages, seconds=time.monotonic() - start)


def _question(authority: str, request: Request) -> bytes:
    fields = (
        (":method", "POST"),
        (":scheme", "http"),
        (":path", request.path),
        (":authority", authority),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    )
    block = b"".join(b"\x00" + _literal(name) + _literal(value) for name, value in fields)
    message = b"\x00" + len(request.body).to_bytes(4, "big") + request.body
    return _frame(_HEADERS, _END_HEADERS, 1, block) + _frame(_DATA, _END_STREAM, 1, message)


def _listen(connection: Connection, deadline: float) -> bytes:
    """Collect DATA of stream 1 until it ends; answers SETTINGS and PING as the protocol wants."""
    buffer, data, greeted = bytearray(), bytearray(), False
    while True:
        while len(buffer) < 9 or len(buffer) < 9 + int.from_bytes(buffer[:3], "big"):
            if len(buffer) > 9 and not greeted and buffer[3] not in (_SETTINGS, _GOAWAY):
                raise NetworkError("the answer is not HTTP/2")
            piece = connection.receive(deadline)
            if not piece:
                if greeted:
                    return _unframed(data)
                raise NetworkError("closed without an answer")
            buffer += piece
            if len(buffer) > _MAX_BYTES:
                raise LimitError("the answer is too long")
        size = int.from_bytes(buffer[:3], "big")
        kind, flags, stream = buffer[3], buffer[4], int.from_bytes(buffer[5:9], "big") & 0x7FFFFFFF
        payload = bytes(buffer[9 : 9 + size])
        del buffer[: 9 + size]
        if not greeted and kind != _SETTINGS:
            raise NetworkError("the answer is not HTTP/2")
        greeted = True
        if kind == _SETTINGS and not flags & _ACK:
            connection.send(_frame(_SETTINGS, _ACK, 0, b""))
        elif kind == _PING and not flags & _ACK:
            connection.send(_frame(_PING, _ACK, 0, payload))
        elif kind == _DATA and stream == 1:
            data += payload[1 : len(payload) - payload[0]] if flags & _PADDED and payload else payload
        ended = kind in (_DATA, _HEADERS) and stream == 1 and flags & _END_STREAM
        if ended or kind == _GOAWAY or (kind == _RESET and stream == 1) or len(data) > _MAX_BYTES:
            return _unframed(data)


def _unframed(data: bytearray) -> bytes:
    """The messages without their five bytes of framing; a cut last one is kept as far as it goes."""
    out, at = bytearray(), 0
    while at + 5 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 5], "big")
        out += data[at + 5 : at + 5 + size]
        at += 5 + size
    return bytes(out)


def _literal(text: str) -> bytes:
    """A string of HPACK without Huffman coding (RFC 7541 section 5.2)."""
    raw = text.encode()
    if len(raw) < 127:
        return bytes((len(raw),)) + raw
    rest, out = len(raw) - 127, bytearray((127,))
    while rest >= 128:
        out.append(rest % 128 + 128)
        rest //= 128
    out.append(rest)
    return bytes(out) + raw


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
