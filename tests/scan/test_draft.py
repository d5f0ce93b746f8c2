"""A draft of a running server is a pack that passes its own test."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        pages = {
            "/": ("text/html", b"<html><head><title>House Gateway</title></head></html>"),
            "/openapi.json": ("application/json", b'{"info":{"title":"House","api_key":"' + b"k" * 30 + b'"}}'),
        }
        kind, body = pages.get(self.path, ("text/plain", b"nothing here"))
        self.send_response(200 if self.path in pages else 404)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_draft_passes_and_names_the_server(port: int, bartizan: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "packs" / "exposure"
    made = bartizan("rules", "new", "exposure", "house-gateway", "--from", f"http://127.0.0.1:{port}", "--into", folder)
    assert made.code == 0, made.err
    assert sorted(path.name for path in folder.iterdir()) == ["house-gateway.cases.yaml", "house-gateway.yaml"]
    assert "k" * 30 not in (folder / "house-gateway.cases.yaml").read_text()
    assert bartizan("rules", "test", "--packs", tmp_path / "packs").code == 0
    packs = ("--packs", tmp_path / "packs", "--format", "json", "--no-store", "--only", "exposure")
    ran = bartizan("scan", f"127.0.0.1:{port}", *packs)
    assert "house-gateway" in [asset["properties"].get("product") for asset in ran.document["assets"]]


@pytest.mark.parametrize(
    ("name", "url", "code"),
    [
        ("Bad Name", "http://127.0.0.1:1", 2),
        ("x", "http://192.0.2.1:80", 4),
        ("x", "http://127.0.0.1:1", 2),
        ("x", "/etc", 2),
    ],
)
def test_what_cannot_be_drafted_is_refused(
    name: str, url: str, code: int, bartizan: Callable[..., Any], tmp_path: Path
) -> None:
    ran = bartizan("rules", "new", "exposure", name, "--from", url, "--into", tmp_path)
    assert ran.code == code
    assert ran.err.startswith("bartizan: ")
    assert list(tmp_path.iterdir()) == []
