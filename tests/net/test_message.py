"""Heads of answers: whatever the bytes, a head or a NetworkError."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.errors import NetworkError
from bartizan.net.coding import decoded
from bartizan.net.message import NotHttpError, parse_head


@given(st.binary(max_size=400))
def test_any_bytes_give_a_head_or_an_error(rest: bytes) -> None:
    head = None
    try:
        head = parse_head(b"HTTP/1.1 200 OK\r\n" + rest)
    except NetworkError:
        return
    assert head.status == 200
    assert all(name == name.lower() for name, _ in head.headers)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_status_line_are_a_banner(raw: bytes) -> None:
    if not raw.startswith(b"HTTP/"):
        with pytest.raises(NotHttpError) as caught:
            parse_head(raw)
        assert raw.startswith(caught.value.banner)


@given(st.binary(max_size=3000), st.integers(0, 4000), st.sampled_from(["gzip", "deflate", "br", "gzip, deflate", ""]))
def test_decoding_never_makes_more_than_the_limit(body: bytes, limit: int, coding: str) -> None:
    plain, cut = decoded(body, coding, limit)
    assert len(plain) <= limit
    assert cut or not body or plain or coding


@given(st.binary(max_size=5000))
def test_decoding_gives_back_what_was_packed(body: bytes) -> None:
    assert decoded(zlib.compress(body), "deflate", 10_000) == (body, False)
