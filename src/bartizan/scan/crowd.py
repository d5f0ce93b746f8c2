"""Looks at several subjects at once where they mostly wait for others to answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Seen = TypeVar("Seen")


def look_at_all(things: Iterable[Thing], look: Callable[[Thing], Seen], at_once: int = 1) -> Iterator[Seen]:
    """What `look` returns for each thing, in their order, with at most `at_once` under way.

    With 1 everything happens in the caller's thread, and a thing is done with before the next is taken.
    """
    if at_once <= 1:
        yield from map(look, things)
        return
    with ThreadPoolExecutor(at_once, "look") as threads:
        waiting: deque[Future[Seen]] = deque()
        try:
            for thing in things:
                waiting.append(threads.submit(look, thing))
                while len(waiting) >= 4 * at_once or (waiting and waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
