"""The connect sweep finds what listens, and nothing else, also when the machine is short of something."""

from __future__ import annotations

import errno
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bartizan.net.pace import Pace
from bartizan.net.sweep import Sweep


@pytest.fixture
def listeners() -> Iterator[set[tuple[str, int]]]:
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(5)]
        yield {server.getsockname() for server in servers}


def _closed(count: int) -> list[tuple[str, int]]:
    return [(f"127.2.{number // 250}.{number % 250 + 1}", 9) for number in range(count)]


def test_listening_ports_are_found_among_closed_ones(listeners: set[tuple[str, int]]) -> None:
    sweep = Sweep(width=64)
    ends = _closed(2000)
    ends[300:300] = sorted(listeners)
    assert set(sweep.run(ends)) == listeners
    assert (sweep.closed, sweep.silent, sweep.sent, sweep.undone) == (2000, 0, 2005, [])


@pytest.mark.skipif(sys.platform == "darwin", reason="connects to loopback are not refused at once there")
def test_a_shortage_of_descriptors_is_not_taken_for_closed(listeners: set[tuple[str, int]]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        while True:
            try:
                held.append(socket.socket())
            except OSError:
                break
        for _ in range(12):
            held.pop().close()
        sweep = Sweep(width=512)
        assert set(sweep.run([*_closed(500), *listeners])) == listeners
        assert sweep.closed == 500
    finally:
        for link in held:
            link.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_stays_impossible_is_said_and_not_called_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_: socket.socket, __: tuple[str, int]) -> int:
        return errno.EADDRNOTAVAIL

    monkeypatch.setattr("bartizan.net.sweep.socket.socket.connect_ex", connect)
    monkeypatch.setattr("bartizan.net.sweep.time.sleep", lambda _: None)
    sweep = Sweep()
    assert list(sweep.run([("127.0.0.1", 1), ("127.0.0.1", 2)])) == []
    assert sweep.closed == 0
    assert sweep.undone == [("127.0.0.1", 1), ("127.0.0.1", 2)]


def test_the_pace_holds_for_a_sweep() -> None:
    import time

    start = time.monotonic()
    assert len(list(Pace(total=50.0).paced(_closed(15)))) == 15
    assert time.monotonic() - start >= 0.25
