from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from bartizan.store.signals import undisturbed


@pytest.fixture(autouse=True)
def _answered() -> Iterator[None]:
    ending = (signal.SIGINT, signal.SIGTERM)  # a suite that runs in the background ignores the first
    before = [signal.signal(number, signal.default_int_handler) for number in ending]
    yield
    for number, handler in zip(ending, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_end_of_the_block(number: signal.Signals) -> None:
    steps: list[str] = []

    def write() -> None:
        with undisturbed():
            signal.raise_signal(number)
            steps.append("after the signal")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert steps == ["after the signal"]
    assert signal.getsignal(number) is signal.default_int_handler


def test_a_second_signal_does_not_wait() -> None:
    steps: list[str] = []

    def write() -> None:
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            steps.append("first")
            signal.raise_signal(signal.SIGINT)
            steps.append("second")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert steps == ["first"]


def test_an_error_in_the_block_yields_to_the_signal() -> None:
    def write() -> None:
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            raise ValueError("broken")

    with pytest.raises(KeyboardInterrupt) as raised:
        write()
    assert isinstance(raised.value.__context__, ValueError)


def test_other_threads_are_left_alone() -> None:
    ran = []

    def work() -> None:
        with undisturbed():
            ran.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == [before]
