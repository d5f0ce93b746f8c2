"""The HTTP client against well- and ill-behaved servers on loopback."""

from __future__ import annotations

import gzip
import importlib.util
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.errors import LimitError
from bartizan.model.service import Reply, Request
from bartizan.net.connection import Door
from bartizan.net.pace import Pace
from bartizan.net.service import Limits, LiveService
from bartizan.scope.guard import Guard

_spec = importlib.util.spec_from_file_location("hostile", Path(__file__).with_name("hostile.py"))
assert _spec
assert _spec.loader
hostile: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hostile)

ROOT = Request("/")


_made: list[LiveService] = []


@pytest.fixture(autouse=True)
def closed_at_the_end() -> Iterator[None]:
    yield
    while _made:
        _made.pop().close()


def service(port: int, seconds: float = 1.5) -> LiveService:
    door = Door(Guard(), Pace(), timeout=seconds)
    _made.append(LiveService(door, "127.0.0.1", port, limits=Limits(seconds=seconds)))
    return _made[-1]


def ask(handler: Any, request: Request = ROOT, seconds: float = 1.5) -> Reply:
    with hostile.serving(handler) as port:
        reply: Reply = service(port, seconds).ask(request)
        return reply


def test_a_question_is_sent_once_and_the_connection_kept() -> None:
    with hostile.serving(hostile.answers(b"<html>hello</html>")) as port:
        one = service(port)
        first = one.ask(ROOT)
        assert (first.status, first.body, first.error) == (200, b"<html>hello</html>", "")
        assert one.ask(ROOT) is first
        one.ask(Request("/other"))
        assert len(one.door.touches) == 1
        assert [request.path for request, _ in one.asked()] == ["/", "/other"]


def test_a_closed_connection_is_opened_again() -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    with hostile.serving(hostile.says(head)) as port:
        one = service(port)
        assert [one.ask(Request(path)).body for path in ("/", "/a", "/b")] == [b"hi"] * 3


@pytest.mark.parametrize(
    ("raw", "body", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", b"short", "the body ended early"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nall of it", b"all of it", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 9\r\n\r\nall of it", b"all of it", ""),
        (b"HTTP/1.1 200 OK\nServer: bare\n\nlines", b"lines", ""),
        (b"HTTP/1.1 200\r\n\r\nno reason", b"no reason", ""),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", b"x", ""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;e=1\r\nabc\r\n0\r\nT: x\r\n\r\n", b"abc", ""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc", b"", "a chunk without a size"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"plain", mtime=0), b"plain", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip", b"not gzip", ""),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", b"", ""),
    ],
)
def test_odd_answers_are_read_as_far_as_they_go(raw: bytes, body: bytes, error: str) -> None:
    reply = ask(hostile.says(raw))
    assert (reply.body, reply.error) == (body, error)
    assert reply.status in (200, 204)


def test_what_is_not_http_is_kept_as_a_banner() -> None:
    reply = ask(hostile.says(b"SSH-2.0-OpenSSH_9.6\r\n"))
    assert (reply.status, reply.body, reply.error) == (0, b"SSH-2.0-OpenSSH_9.6\r\n", "the answer is not HTTP")


@pytest.mark.parametrize("name", ["endless", "chunks_forever"])
def test_a_body_without_end_is_cut(name: str) -> None:
    reply = ask(getattr(hostile, name), Request("/big"), 10.0)
    assert reply.truncated
    assert len(reply.body) == Limits().body


def test_a_packed_bomb_is_cut_and_costs_no_memory() -> None:
    import resource

    hostile.bomb(_Sink(), b"")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reply = ask(hostile.bomb, Request("/bomb"), 10.0)
    assert reply.truncated
    assert len(reply.body) == Limits().body
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


class _Sink:
    def sendall(self, _: bytes) -> None:
        """Only to make the bomb before memory is measured."""


def test_a_flood_of_headers_is_refused() -> None:
    reply = ask(hostile.flood)
    assert reply.status == 0
    assert "headers" in reply.error or "too long" in reply.error


@pytest.mark.parametrize("name", ["silence", "drip"])
def test_a_tarpit_is_left_after_two_questions(name: str) -> None:
    with hostile.serving(getattr(hostile, name)) as port:
        one, start = service(port, 0.5), time.monotonic()
        replies = [one.ask(Request(f"/{number}")) for number in range(12)]
        assert {reply.error for reply in replies} == {"no answer in time"}
        assert time.monotonic() - start < 4


def test_line_breaks_cannot_be_smuggled_into_a_request() -> None:
    with hostile.serving(hostile.answers(b"x")) as port:
        assert "line breaks" in service(port).ask(Request("/\r\nX: y")).error


def test_outside_the_scope_no_packet_leaves() -> None:
    one = LiveService(Door(Guard(), Pace()), "192.0.2.1", 80)
    assert "outside the scope" in one.ask(ROOT).error
    assert one.door.touches == []


def test_an_event_stream_is_answered_by_its_first_event_and_can_be_followed() -> None:
    stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: endpoint\ndata: /m?s=1\n\n"
    with hostile.serving(hostile.says(stream, close=False)) as port:
        one, start = service(port, 5.0), time.monotonic()
        assert one.ask(Request("/sse")).body.endswith(b"\n\n")
        assert time.monotonic() - start < 2
        with one.stream(Request("/sse"), 0.5) as (head, pieces):
            assert head.header("content-type") == "text/event-stream"
            assert next(pieces).startswith(b"event: endpoint")
            with pytest.raises(LimitError):
                next(pieces)


def test_a_busy_server_is_given_time() -> None:
    seen: list[float] = []

    def handle(link: socket.socket, _: bytes) -> None:
        seen.append(time.monotonic())
        if len(seen) == 1:
            link.sendall(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
        else:
            link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    assert ask(handle, seconds=5.0).body == b"ok"
    assert seen[1] - seen[0] >= 0.9


def test_tls_is_found_out_and_its_names_are_read(tmp_path: Path) -> None:
    from bartizan.net.certificate import certificate_names

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    handler = hostile.answers(b"secret garden")

    def secure(link: socket.socket, request: bytes) -> None:
        handler(link, request)

    with _tls_server(context, secure) as port:
        one = service(port, 3.0)
        assert one.ask(ROOT).body == b"secret garden"
        assert one.tls
        assert certificate_names(one.certificate) == ("ai.example.test", "127.0.0.1")


def _tls_server(context: ssl.SSLContext, handler: Any) -> Any:
    import contextlib
    import threading

    @contextlib.contextmanager
    def run() -> Any:
        server = socket.create_server(("127.0.0.1", 0))

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    raw, _ = server.accept()
                    with contextlib.suppress(OSError):
                        link = context.wrap_socket(raw, server_side=True)
                        threading.Thread(target=_talk, args=(link, handler), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        server.close()

    return run()


def _talk(link: ssl.SSLSocket, handler: Any) -> None:
    import contextlib

    with contextlib.suppress(OSError), link:
        while data := link.recv(65536):
            handler(link, data)


def _certificate(folder: Path) -> Path:
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ai.example.test")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("ai.example.test"), x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_tarpit_costs_a_bounded_time_however_much_is_asked() -> None:
    def drip(link: socket.socket, question: bytes) -> None:
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        for _ in range(60):
            link.sendall(b"x")
            time.sleep(0.2)

    with hostile.serving(drip) as port:
        service = LiveService(Door(Guard(), Pace()), "127.0.0.1", port, limits=Limits(seconds=1.0, silence=1.8))
        start = time.monotonic()
        replies = [service.ask(Request(f"/{number}")) for number in range(30)]
        assert time.monotonic() - start < 3.5
    assert all("no answer in time" in reply.error for reply in replies)
    assert service.gave_up
