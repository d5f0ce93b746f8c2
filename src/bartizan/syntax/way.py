"""Ways into parsed documents written as text: `permissions.allow.*`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from bartizan.model.document import Keys

_DOT = re.compile(r"(?<!\\)\.")


@lru_cache(maxsize=1024)
def parts(pattern: str) -> tuple[str, ...]:
    """The keys of a written way; `\\.` is a dot inside a key, `\\*` a star; the empty pattern has none."""
    return tuple(part.replace("\\.", ".") for part in _DOT.split(pattern)) if pattern else ()


def values(value: Any, pattern: str) -> Iterator[tuple[Keys, Any]]:
    """Every value that the way leads to, with the keys taken; `*` stands for any key or index."""
    yield from _walk(value, parts(pattern), ())


def _walk(value: Any, left: tuple[str, ...], way: Keys) -> Iterator[tuple[Keys, Any]]:
    if not left:
        yield way, value
        return
    key, rest = left[0], left[1:]
    if isinstance(value, dict):
        if key == "*":
            for name, inner in value.items():
                yield from _walk(inner, rest, (*way, name))
        elif (name := key.replace("\\*", "*")) in value:
            yield from _walk(value[name], rest, (*way, name))
    elif isinstance(value, list) and key == "*":
        for index, inner in enumerate(value):
            yield from _walk(inner, rest, (*way, index))
