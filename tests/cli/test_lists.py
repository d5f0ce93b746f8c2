"""Lists of targets, through the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.coverage import Coverage
from bartizan.model.settings import Settings
from bartizan.scope.guard import Guard
from bartizan.scope.listing import open_list
from bartizan.sources.listing import HOSTS, Listing
from bartizan.sources.source import Batch
from tests.conftest import Ran

Bartizan = Callable[..., Ran]
SERVERS = {"mcpServers": {"one": {"command": "npx", "args": ["-y", "example-server"]}}}


class _Ollama(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answers: dict[str, Any] = {
            "/api/tags": {"models": [{"name": "tiny:latest", "model": "tiny:latest", "digest": "0" * 64, "size": 1}]},
            "/api/version": {"version": "0.5.1"},
        }
        body = b"Ollama is running" if self.path == "/" else json.dumps(answers.get(self.path, {})).encode()
        self.send_response(200 if self.path == "/" or self.path in answers else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def ollama() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Ollama) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_hosts_files_and_rubbish_together(bartizan: Bartizan, tmp_path: Path, ollama: int) -> None:
    for name in ("a", "b"):
        (tmp_path / name / ".cursor").mkdir(parents=True)
        (tmp_path / name / ".cursor" / "mcp.json").write_text(json.dumps(SERVERS))
    lines = ["# estate", f"127.0.0.1:{ollama}", "not a target", "127.0.0.1:1", "a", "b/.cursor/mcp.json", "a"]
    (tmp_path / "targets.txt").write_text("\n".join(lines))
    ran = bartizan("scan", "--targets-from", "targets.txt", "--no-store", "--format", "json", cwd=tmp_path)
    assert ran.code == 3, ran.err
    [error] = ran.document["errors"]
    assert error["target"] == "targets.txt:3"
    assert {"127.0.0.1:1"} <= {gap["target"] for gap in ran.document["coverage"]["skipped"]}
    services = [each for each in ran.document["assets"] if each["kind"] == "ai-service"]
    assert [(each["properties"]["product"], each["location"]["port"]) for each in services] == [("ollama", ollama)]
    places = {
        (found["location"].get("target"), found["location"]["path"])
        for found in ran.document["findings"]
        if found["rule"] == "mcp/unpinned-package"
    }
    assert places == {("a", ".cursor/mcp.json"), ("mcp.json", "mcp.json")}
    assert ran.document["scan"]["targets"] == ["targets.txt"]


def test_from_standard_input(bartizan: Bartizan, ollama: int) -> None:
    ran = bartizan(
        "scan", "--targets-from", "-", "--no-store", "--format", "json", stdin=f"http://127.0.0.1:{ollama}/\n"
    )
    assert ran.code == 0, ran.err
    assert [each["properties"]["product"] for each in ran.document["assets"] if each["kind"] == "ai-service"] == [
        "ollama"
    ]


def test_one_line_outside_the_scope(bartizan: Bartizan, tmp_path: Path) -> None:
    (tmp_path / "targets.txt").write_text("127.0.0.1:1\nrubbish here\n\nexample.org:443\n")
    ran = bartizan("scan", "--targets-from", "targets.txt", "--no-store", cwd=tmp_path)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("bartizan: targets.txt:4: example.org:443 lies outside the scope")


@pytest.mark.parametrize("content", ["", "# nothing\n\n", "what is this\n"])
def test_a_list_without_targets_is_no_list(bartizan: Bartizan, tmp_path: Path, content: str) -> None:
    (tmp_path / "targets.txt").write_text(content)
    ran = bartizan("scan", "--targets-from", "targets.txt", "--no-store", cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("bartizan: targets.txt: names no target")


def test_standard_input_is_read_once(bartizan: Bartizan) -> None:
    ran = bartizan("scan", "-", "--targets-from", "-", "--no-store", stdin="127.0.0.1:1\n")
    assert (ran.code, ran.err.splitlines()[0]) == (2, "bartizan: standard input can be read only once")


def test_many_hosts_are_few_batches(tmp_path: Path) -> None:
    path = tmp_path / "many.txt"
    path.write_text("".join(f"127.{at >> 16}.{at >> 8 & 255}.{at & 255}:80\n" for at in range(5000)) + "127.0.0.0/30\n")
    batches = list(Listing(Settings(), Guard()).batches(open_list(str(path))))
    assert not any(isinstance(each, Coverage) for each in batches)
    assert [each.source for each in batches if isinstance(each, Batch)] == ["network"] * (5000 // HOSTS + 2)
    assert sum(len(each.items) for each in batches if isinstance(each, Batch)) == 5000 + 3
