"""The engine: the same results wherever the work is done, and nothing lost when a worker dies."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from bartizan.engine.cluster import check_engine
from bartizan.engine.engine import Engine, WorkerDiedError
from bartizan.model.errors import UsageError


def square(number: int) -> int:
    return number * number


def fail_on_three(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def die_on_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_once(job: tuple[str, int]) -> int:
    mark = Path(job[0]) / str(job[1])
    if job[1] == 5 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return job[1]


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_job_comes_back(jobs: int) -> None:
    engine: Engine[int, int] = Engine(square, jobs=jobs)
    assert sorted(engine.results(range(40))) == [(number, number * number) for number in range(40)]
    engine.close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_job_raises_is_its_result(jobs: int) -> None:
    engine: Engine[int, int] = Engine(fail_on_three, jobs=jobs)
    outcomes = dict(engine.results(range(8)))
    engine.close()
    assert isinstance(outcomes.pop(3), ValueError)
    assert outcomes == {number: number for number in range(8) if number != 3}


def test_a_job_that_kills_its_worker_costs_only_itself() -> None:
    engine: Engine[int, int] = Engine(die_on_seven, jobs=2)
    outcomes = dict(engine.results(range(30)))
    engine.close()
    assert isinstance(outcomes.pop(7), WorkerDiedError)
    assert outcomes == {number: number for number in range(30) if number != 7}


def test_a_worker_that_dies_once_is_forgiven(tmp_path: Path) -> None:
    engine: Engine[tuple[str, int], int] = Engine(die_once, jobs=2)
    outcomes = [outcome for _, outcome in engine.results((str(tmp_path), number) for number in range(20))]
    engine.close()
    assert sorted(outcomes) == list(range(20))  # type: ignore[type-var]


@pytest.mark.parametrize("url", ["tcp://10.0.0.1:8786", "http://127.0.0.1:1", "tls://", "tcp://h:x", "tls://host"])
def test_engines_that_are_refused(url: str) -> None:
    with pytest.raises(UsageError):
        check_engine(url)


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tls://scheduler.example:8786"])
def test_engines_that_are_not(url: str) -> None:
    check_engine(url)
