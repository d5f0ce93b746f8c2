"""Hosts, networks and URLs from the command line: what listens is named, what is outside is never touched."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import UsageError
from bartizan.model.settings import Settings
from bartizan.net.connection import Door
from bartizan.net.pace import Pace
from bartizan.net.service import LiveService
from bartizan.rules.library import Library
from bartizan.scope.authorisation import Authorisation
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target, TargetKind, parse_target
from bartizan.sources.machine import Machine
from bartizan.sources.network import Network
from bartizan.sources.ports import chosen_ports

_spec = importlib.util.spec_from_file_location("hostile", Path(__file__).parents[1] / "net" / "hostile.py")
assert _spec
assert _spec.loader
hostile: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hostile)

OLLAMA = {
    b"/": b"Ollama is running",
    b"/api/tags": b'{"models":[{"name":"m:1b","digest":"d","details":{"quantization_level":"Q4"}}]}',
    b"/api/version": b'{"version":"0.12.3"}',
}


def ollama(link: socket.socket, request: bytes) -> None:
    body = OLLAMA.get(request.split()[1])
    kind = b"application/json" if body and body[:1] == b"{" else b"text/plain; charset=utf-8"
    status = b"200 OK" if body else b"404 Not Found"
    body = body or b"404 page not found"
    head = b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (status, kind, len(body))
    link.sendall(head + body)


def subjects(source: Network, text: str) -> list[Any]:
    batches = list(source.batches(parse_target(text)))
    return [item for batch in batches for item in ([batch] if isinstance(batch, Coverage) else source.subjects(batch))]


def test_a_service_is_found_by_host_and_port(bartizan: Callable[..., Any]) -> None:
    with hostile.serving(ollama) as port:
        ran = bartizan("scan", f"127.0.0.1:{port}", "--format", "json", "--no-store", "--only", "exposure")
    assert ran.code == 0
    asset = next(item for item in ran.document["assets"] if item["kind"] == "ai-service")
    said = asset["properties"]
    assert (said["product"], said["version"], said["version_of"]) == ("ollama", "0.12.3", "ollama")
    assert (said["access"], said["models"], said["bind"]) == ("open", ["m:1b"], "127.0.0.1")
    assert asset["location"] == {"host": "127.0.0.1", "port": port}
    finding = next(item for item in ran.document["findings"] if item["rule"] == "exposure/ollama-unauthenticated")
    assert finding["location"]["url"] == f"http://127.0.0.1:{port}/api/tags"
    assert finding["asset"] == asset["id"]
    assert "OLLAMA_HOST" in finding["remediation"]
    assert "GET /api/tags answered 200" in finding["evidence"][0]["summary"]


def test_a_list_is_scanned_and_its_bad_lines_are_said(bartizan: Callable[..., Any], tmp_path: Path) -> None:
    with hostile.serving(ollama) as port:
        listed = tmp_path / "targets"
        listed.write_text(f"# ours\n127.0.0.1:{port}\nhttp://[bad\n127.0.0.1:99999\n", "utf-8")
        ran = bartizan("scan", "--targets-from", listed, "--format", "json", "--no-store", "--only", "exposure")
    assert ran.code == 3
    assert len(ran.document["errors"]) == 2
    assert "exposure/ollama-unauthenticated" in ran.rules


@pytest.mark.parametrize("name", ["endless", "chunks_forever", "flood", "loop", "echo", "bomb"])
def test_hostile_servers_are_no_ai_and_cost_little(name: str, bartizan: Callable[..., Any]) -> None:
    with hostile.serving(getattr(hostile, name)) as port:
        ran = bartizan("scan", f"127.0.0.1:{port}", "--format", "json", "--no-store", "--only", "exposure")
    assert ran.code == 0
    assert ran.document["assets"] == []
    assert ran.document["findings"] == []


def test_a_tarpit_ends_soon_and_is_said(bartizan: Callable[..., Any]) -> None:
    with hostile.serving(hostile.silence) as port:
        ran = bartizan("scan", f"127.0.0.1:{port}", "--format", "json", "--no-store", "--only", "exposure")
    assert ran.code == 0
    assert [gap["reason"] for gap in ran.document["coverage"]["skipped"]] == ["no answer in time"]


def test_what_leads_outside_is_said_and_not_followed(bartizan: Callable[..., Any]) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.5:8080/login\r\nContent-Length: 0\r\n\r\n"
    with hostile.serving(lambda link, _: link.sendall(head)) as port:
        ran = bartizan("scan", f"http://127.0.0.1:{port}/", "--format", "json", "--no-store", "--only", "exposure")
    assert ran.code == 0
    assert [gap["target"] for gap in ran.document["coverage"]["out-of-scope"]] == ["192.0.2.5:8080"]


def test_a_target_outside_the_scope_is_refused(bartizan: Callable[..., Any]) -> None:
    ran = bartizan("scan", "192.0.2.1", "--format", "json", "--no-store")
    assert (ran.code, ran.out) == (4, "")


def test_a_closed_port_is_no_error(bartizan: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    ran = bartizan("scan", f"127.0.0.1:{port}", "--format", "json", "--no-store", "--only", "exposure")
    assert ran.code == 0
    assert ran.document["errors"] == []
    assert "closed or silent" in ran.document["coverage"]["skipped"][0]["reason"]


def test_a_network_is_swept() -> None:
    with socket.create_server(("127.0.7.9", 0)) as server:
        port = server.getsockname()[1]
        source = Network(Settings(ports=str(port)), Guard())
        found = subjects(source, "127.0.7.0/28")
    assert [(item.host, item.port) for item in found if isinstance(item, LiveService)] == [("127.0.7.9", port)]
    assert [(touch.what, touch.count) for touch in source.take_touches()] == [("sweep", 14)]


def test_a_network_keeps_its_exclusions() -> None:
    import datetime

    authorisation = Authorisation(
        authorised_by="the test", until=datetime.date(2999, 1, 1), targets=("127.0.7.0/28",), exclude=("127.0.7.8/29",)
    )
    with socket.create_server(("127.0.7.9", 0)) as server:
        source = Network(Settings(ports=str(server.getsockname()[1])), Guard(authorisation))
        assert subjects(source, "127.0.7.0/28") == []
    assert sum(touch.count for touch in source.take_touches()) == 7


def test_a_name_that_does_not_resolve_is_an_error() -> None:
    import datetime

    def resolver(_: str) -> list[str]:
        raise OSError("no such host")

    authorisation = Authorisation(authorised_by="t", until=datetime.date(2999, 1, 1), targets=("ai.example.test",))
    source = Network(Settings(), Guard(authorisation, resolver=resolver))
    (gap,) = subjects(source, "ai.example.test:80")
    assert (gap.outcome, gap.target) == (Outcome.FAILED, "ai.example.test:80")


def test_a_name_that_leads_inside_is_out_of_scope() -> None:
    import datetime

    authorisation = Authorisation(authorised_by="t", until=datetime.date(2999, 1, 1), targets=("ai.example.test",))
    source = Network(Settings(), Guard(authorisation, resolver=lambda _: ["10.0.0.5"]))
    (gap,) = subjects(source, "ai.example.test:80")
    assert gap.outcome is Outcome.OUT_OF_SCOPE
    assert source.take_touches() == []


def test_a_network_too_large_is_refused() -> None:
    (gap,) = subjects(Network(Settings(), Guard()), "2001:db8::/64")
    assert gap.outcome is Outcome.FAILED


def test_ports_are_profiles_and_lists() -> None:
    library = Library()
    assert chosen_ports("80,8000-8002, 80", library) == (80, 8000, 8001, 8002)
    assert {11434, 8000, 8888, 6333} <= set(chosen_ports("ai", library))
    assert len(chosen_ports("all", library)) == 65535
    assert 443 in chosen_ports("top", library)
    for bad in ("", "x", "0", "70000", "9-1", "1-", "-5"):
        with pytest.raises(UsageError):
            chosen_ports(bad, library)


def test_this_machine_shows_its_sockets_with_process_and_bind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as near, socket.create_server(("0.0.0.0", 0)) as wide:
        target = Target(TargetKind.MACHINE, "this machine")
        source = Machine(Settings(), Guard())
        found = [item for batch in source.batches(target) for item in source.subjects(batch)]  # type: ignore[arg-type]
        seen = {item.port: item for item in found if isinstance(item, LiveService)}
        assert seen[near.getsockname()[1]].bind == "127.0.0.1"
        assert seen[wide.getsockname()[1]].bind == "0.0.0.0"
        assert seen[wide.getsockname()[1]].host == "127.0.0.1"
        assert "python" in seen[near.getsockname()[1]].process


def test_this_machine_shows_client_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".cursor"
    folder.mkdir()
    (folder / "mcp.json").write_text('{"mcpServers": {}}', "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    source = Machine(Settings(), Guard())
    batch = next(iter(source.batches(Target(TargetKind.MACHINE, "this machine"))))
    assert [str(item.location) for item in source.subjects(batch)] == ["~/.cursor/mcp.json"]  # type: ignore[arg-type, union-attr]


def test_a_server_that_always_leads_elsewhere_is_asked_few_questions(bartizan: Callable[..., Any]) -> None:
    asked: list[bytes] = []

    def lead(link: socket.socket, request: bytes) -> None:
        asked.append(request.split(b" HTTP", 1)[0])
        link.sendall(b"HTTP/1.1 307 X\r\nLocation: /r%d\r\nContent-Length: 0\r\n\r\n" % len(asked))

    with hostile.serving(lead) as port:
        ran = bartizan("scan", f"127.0.0.1:{port}", "--format", "json", "--no-store")
    assert ran.document["errors"] == []
    assert len(asked) <= 30


@pytest.mark.parametrize("written", ["localhost:{port}", "http://localhost:{port}/", "[::1]:{port}"])
def test_a_server_on_the_later_address_of_a_name_is_found(written: str, bartizan: Callable[..., Any]) -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 here")
    with hostile.serving(ollama, server) as port:
        ran = bartizan("scan", written.format(port=port), "--format", "json", "--no-store", "--only", "exposure")
    asset = next(item for item in ran.document["assets"] if item["kind"] == "ai-service")
    assert (asset["properties"]["product"], asset["properties"]["bind"]) == ("ollama", "::1")
    assert len([item for item in ran.document["assets"] if item["kind"] == "ai-service"]) == 1


def test_a_name_with_several_addresses_is_asked_where_it_answers() -> None:
    import datetime

    authorisation = Authorisation(
        authorised_by="the test", until=datetime.date(2999, 1, 1), targets=("two.test", "127.0.0.0/8")
    )
    with hostile.serving(ollama) as port:
        door = Door(Guard(authorisation, lambda _: ["127.0.0.3", "127.0.0.1"]), Pace())
        connection = door.connect("two.test", port)
        connection.close()
        assert connection.address == "127.0.0.1"
        assert door.pin("two.test", port) == ("127.0.0.1",)
