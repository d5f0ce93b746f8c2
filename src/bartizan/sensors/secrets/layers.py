"""What text is wrapped in: encodings, escapes and literals split in two. Each wrapping undone gives a new text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bartizan.sensors.secrets import base64run, escapes, joined, wide
from bartizan.sensors.secrets.literal import Literal
from bartizan.sensors.secrets.scanner import make_scanner
from bartizan.sensors.secrets.text import Text

DEPTH = 4
"""How many wrappings are undone one inside the other."""
_GATES: tuple[tuple[str, Callable[[Text], Iterator[Text]]], ...] = (
    *((gate, base64run.unwrapped) for gate in base64run.GATES),
    *((gate, base64run.unwrapped_short) for gate in base64run.SHORT_GATES),
    *((gate, joined.unwrapped) for gate in joined.GATES),
    *((gate, escapes.unwrapped) for gate in escapes.GATES),
    *((gate, wide.unwrapped) for gate in wide.GATES),
)
"""Patterns without which a wrapping cannot be there, and what undoes it."""


class Layers:
    """Finds out in one pass which wrappings a text may hold."""

    def __init__(self) -> None:
        self._scanner = make_scanner([Literal(gate, ()) for gate, _ in _GATES], "layers", once=True)

    def may_hold(self, data: bytes) -> bool:
        """Whether text made of stretches of binary `data` may be wrapped; text has no zero bytes, so never wide."""
        return any(_GATES[number][1] is not wide.unwrapped for number, _ in self._scanner.scan(data))

    def below(self, text: Text) -> Iterator[Text]:
        """The texts that this one holds in wrapped form."""
        if len(text.layers) >= DEPTH:
            return
        gates = {number for number, _ in self._scanner.scan(text.data)}
        done = set()
        for number, (_, unwrap) in enumerate(_GATES):
            if number in gates and unwrap not in done:
                done.add(unwrap)
                yield from unwrap(text)
