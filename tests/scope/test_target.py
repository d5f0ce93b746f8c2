"""Targets as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.errors import UsageError
from bartizan.scope.target import TargetKind, parse_target


@pytest.mark.parametrize(
    ("text", "kind", "host", "port"),
    [
        ("127.0.0.1", TargetKind.HOST, "127.0.0.1", None),
        ("127.0.0.1:8080", TargetKind.HOST, "127.0.0.1", 8080),
        ("[::1]:443", TargetKind.HOST, "::1", 443),
        ("::1", TargetKind.HOST, "::1", None),
        ("10.0.0.0/8", TargetKind.NETWORK, "10.0.0.0/8", None),
        ("10.0.0.7/8", TargetKind.NETWORK, "10.0.0.0/8", None),
        ("Example.ORG", TargetKind.HOST, "example.org", None),
        ("bücher.example", TargetKind.HOST, "xn--bcher-kva.example", None),
        ("https://example.org/x?y", TargetKind.URL, "example.org", 443),
        ("http://[::1]:81/", TargetKind.URL, "::1", 81),
    ],
)
def test_hosts(text: str, kind: TargetKind, host: str, port: int | None) -> None:
    target = parse_target(text)
    assert (target.kind, target.host, target.port) == (kind, host, port)


def test_what_exists_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "localhost").mkdir()
    assert parse_target("localhost").path == str(tmp_path / "localhost")


@pytest.mark.parametrize(
    "text", ["", " ", "./missing", "/missing/file", "ftp://example.org", "a b", "host:0", "host:70000", "http://",
             "http://[::1", "1.2.3.4.5", "256.1.1.1", "a..b", "-x-.y\0"]
)  # fmt: skip
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(UsageError):
        parse_target(text)


@given(st.text(max_size=40))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    try:
        parse_target(text)
    except UsageError as error:
        assert error.exit_code == 2
