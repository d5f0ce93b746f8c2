"""Ways into a JSON value: `models[].details.family`, `[].name`, `paths."/v1/chat"`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_MAX_VALUES = 2000


@lru_cache(maxsize=4096)
def steps(way: str) -> tuple[str | None, ...]:
    """The parts of a way: a key, or None for each element of a list. Raises ValueError for a way that is none."""
    parts: list[str | None] = []
    at = 0
    while at < len(way):
        if way[at] == ".":
            at += 1
        if way.startswith("[]", at):
            parts.append(None)
            at += 2
        elif way.startswith('"', at):
            end = way.index('"', at + 1)
            parts.append(way[at + 1 : end])
            at = end + 1
        else:
            end = min((cut for mark in ".[" if (cut := way.find(mark, at)) >= 0), default=len(way))
            if end == at:
                raise ValueError(f"not a way into JSON: {way!r}")
            parts.append(way[at:end])
            at = end
    return tuple(parts)


def found(value: Any, way: str) -> Iterator[Any]:
    """The values at the way, at most some thousand. The list itself for a way that ends in `[]`."""
    yield from _found(value, steps(way), 0, [_MAX_VALUES])


def _found(value: Any, way: tuple[str | None, ...], at: int, left: list[int]) -> Iterator[Any]:
    if at == len(way):
        left[0] -= 1
        yield value
        return
    step = way[at]
    if step is None:
        if not isinstance(value, list):
            return
        if at == len(way) - 1:
            yield value
            return
        for item in value:
            if left[0] <= 0:
                return
            yield from _found(item, way, at + 1, left)
    elif isinstance(value, dict) and step in value:
        yield from _found(value[step], way, at + 1, left)
