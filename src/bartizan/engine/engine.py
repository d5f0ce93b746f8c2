"""Where batches are worked on: behind the standard library's own seam, `concurrent.futures.Executor`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Generic, TypeVar

from bartizan.engine.local import InlineExecutor, process_pool

Job = TypeVar("Job")
Done = TypeVar("Done")

AHEAD = 3
"""Batches in flight for each worker: enough to keep it busy, few enough to bound memory."""


class WorkerDiedError(Exception):
    """The process that worked on a batch ended twice without an answer."""


class Engine(Generic[Job, Done]):
    """Runs one function over a stream of jobs and yields the results as they come.

    A job whose worker dies is run once more, alone; a second death is handed back as WorkerDiedError.
    """

    def __init__(self, work: Callable[[Job], Done], url: str = "", jobs: int = 0) -> None:
        """`url` names a Dask scheduler; `jobs` the local processes, 0 for one for each processor."""
        self.work = work
        self.url = url
        self.jobs = jobs or os.cpu_count() or 1
        self._executor: Executor | None = None
        self._client: Any = None

    def results(
        self, jobs: Iterable[Job], small: int = 2, deadly: Callable[[Job], bool] = lambda _: False
    ) -> Iterator[tuple[Job, Done | BaseException]]:
        """Yield each job with its result, or with what was raised.

        Up to `small` jobs in all are worked on in this process, unless one of them is `deadly`, which means that it
        may kill the process that works on it: starting others would cost more.
        """
        stream = iter(jobs)
        first = [job for _, job in zip(range(small + 1), stream, strict=False)]
        inline = not self.url and (self.jobs == 1 or len(first) <= small) and not any(map(deadly, first))
        self._executor = InlineExecutor() if inline else self._open()
        ahead = 1 if inline else self.jobs * AHEAD
        yield from self._run(self._executor, _chained(first, stream), ahead)

    def close(self, *, now: bool = False) -> None:
        """End the workers; with `now`, without waiting for what they are at. A cluster's own workers live on."""
        executor, self._executor = self._executor, None
        client, self._client = self._client, None
        if client is not None:
            client.close()
        elif executor is not None:
            processes = list((getattr(executor, "_processes", None) or {}).values()) if now else []
            executor.shutdown(wait=not now, cancel_futures=True)
            for process in processes:
                process.kill()

    def _open(self) -> Executor:
        if self.url:
            from bartizan.engine.cluster import connect

            executor, self._client = connect(self.url)
            self.jobs = max(1, len(self._client.scheduler_info()["workers"]))
            return executor
        return process_pool(self.jobs)

    def _run(self, executor: Executor, stream: Iterator[Job], ahead: int) -> Iterator[tuple[Job, Done | BaseException]]:
        flying: dict[Future[Done], Job] = {}
        lost: list[Job] = []
        exhausted = False
        while not exhausted or flying:
            while not exhausted and len(flying) < ahead:
                try:
                    job = next(stream)
                except StopIteration:
                    exhausted = True
                    break
                try:
                    flying[executor.submit(self.work, job)] = job
                except BrokenProcessPool:
                    lost.append(job)
                    executor = self._executor = self._open()
            done, _ = wait(flying, return_when=FIRST_COMPLETED) if flying else (set(), None)
            for future in done:
                job, error = flying.pop(future), future.exception()
                if _is_death(error):
                    lost.append(job)
                else:
                    yield job, error if error is not None else future.result()
            if lost and not any(not future.done() for future in flying):
                yield from self._again(lost)
                lost = []
        yield from self._again(lost)

    def _again(self, lost: list[Job]) -> Iterator[tuple[Job, Done | BaseException]]:
        """One worker for each: whichever job killed the pool must not take its neighbours along again."""
        for job in lost:
            if self.url and self._executor is not None:
                future = self._executor.submit(self.work, job)
                error = future.exception()
            else:
                with process_pool(1) as alone:
                    future = alone.submit(self.work, job)
                    error = future.exception()
            if _is_death(error):
                yield job, WorkerDiedError("the worker died twice on this")
            else:
                yield job, error if error is not None else future.result()


def _is_death(error: BaseException | None) -> bool:
    return isinstance(error, BrokenProcessPool) or type(error).__name__ in ("KilledWorker", "CancelledError")


def _chained(first: list[Job], rest: Iterator[Job]) -> Iterator[Job]:
    yield from first
    yield from rest
