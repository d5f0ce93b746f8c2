"""What text is wrapped in: encodings, escapes and literals split in two. Each wrapping undone gives a new text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from bartizan.rules.credential import Kind
from bartizan.sensors.secrets import base64run, escapes, joined, wide
from bartizan.sensors.secrets.literal import Literal, wide_literals
from bartizan.sensors.secrets.scanner import Scanner, make_scanner
from bartizan.sensors.secrets.text import Text

DEPTH = 4
"""How many wrappings are undone one inside the other."""
Unwrap = Callable[[Text, list[int]], Iterator[Text]]
"""Undoes a wrapping, given the offsets behind the matches of its gates, ascending."""
_GATES: tuple[tuple[str, bool, Unwrap], ...] = (
    *((gate, False, base64run.unwrapped_tokens) for gate in base64run.GATES),
    *((gate, True, base64run.unwrapped_short) for gate in base64run.SHORT_GATES),
    *((gate, False, joined.chained) for gate in joined.GATES),
    *((gate, False, joined.listed) for gate in joined.LIST_GATES),
    *((gate, False, escapes.unwrapped) for gate in escapes.GATES),
)
"""Patterns without which a wrapping cannot be there, whether one match says as much as all, and what undoes it."""


class Layers:
    """Finds out in one pass which wrappings a text may hold."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._scanner = make_scanner([Literal(gate, (), once=once) for gate, once, _ in _GATES], "layers")
        self._runs = make_scanner([Literal(base64run.RUN, ())], "runs")
        self._kinds = tuple(kinds)

    @cached_property
    def _wide(self) -> Scanner:
        """Made when first needed: most scans meet no such text."""
        return make_scanner(wide_literals(self._kinds), "wide")

    def may_hold(self, text: Text) -> bool:
        """Whether a text made of stretches of this one may be wrapped; it has no zero bytes, so is never wide."""
        return any(True for _ in self._unwrapped(text))

    def below(self, text: Text) -> Iterator[Text]:
        """The texts that this one holds in wrapped form."""
        if len(text.layers) >= DEPTH:
            return
        yield from self._unwrapped(text)
        # Text of two bytes a character may begin anywhere in a binary: only where a key's beginning or a provider's
        # name stands so, the runs are worth finding.
        if b"\0" in text.data and self._wide.scan(text.data):
            yield from wide.unwrapped(text)

    def _unwrapped(self, text: Text) -> Iterator[Text]:
        places: dict[Unwrap, list[int]] = {}
        for number, end in self._scanner.scan(text.data):
            places.setdefault(_GATES[number][2], []).append(end)
        for unwrap, ends in places.items():
            ends.sort()
            yield from unwrap(text, ends)
        yield from base64run.unwrapped(text, self._runs.first)
