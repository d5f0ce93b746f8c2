"""Raw arrays that joblib writes into the middle of a stream.

After the BUILD of a `NumpyArrayWrapper` the loader reads the array itself: one byte with the width of the padding
and the padding (joblib 1.2 and later), then the elements; an array of objects is a pickle of its own in between.
Source: `joblib/numpy_pickle.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bartizan.sensors.models.pickles.machine import Broken, Tape
from bartizan.sensors.models.pickles.steps import literal_number, literal_text, made

_DTYPE = re.compile(r"[<>=|]?([?a-zA-Z])(\d*)\Z")
_WIDTHS = {"?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "l": 8, "L": 8, "q": 8, "Q": 8, "e": 2, "f": 4,
           "d": 8, "g": 16, "F": 8, "D": 16, "G": 32}  # fmt: skip


def skip_array(tape: Tape, at: int) -> int:
    """The offset after the array whose wrapper was just built. Raises Broken when its size cannot be told."""
    state = _state(tape)
    shape = _shape(tape, state.get("shape", 0))
    kind = made(tape, state.get("dtype", 0))
    text = _type_name(tape, kind.values[0]) if kind and kind.values else None
    if shape is None or text is None:
        raise Broken("joblib array of unknown size")
    if text.startswith("O") or text.lstrip("<>=|").startswith("O"):
        return _inner_pickle(tape, at)
    width = _width(text)
    if width is None:
        raise Broken("joblib array of unknown element type")
    if "numpy_array_alignment_bytes" in state and at < tape.end:
        alignment = state["numpy_array_alignment_bytes"]
        if literal_number(tape, alignment) is not None:
            at += 1 + tape.data[at]
    size = width
    for extent in shape:
        size *= extent
    if size > tape.end - at:
        raise Broken("joblib array runs past the end")
    return at + size


def _type_name(tape: Tape, value: int) -> str | None:
    text = tape.texts.get(value)
    if text is None and (text := literal_text(tape, value)) is not None:
        tape.texts[value] = text
    return text


def _state(tape: Tape) -> dict[str, int]:
    """The wrapper's attributes by name: the items of the SETITEMS just before. The names repeat through the memo."""
    items, texts = tape.items, tape.texts
    state: dict[str, int] = {}
    for index in range(0, len(items) - 1, 2):
        key = items[index]
        name = texts.get(key)
        if name is None:
            name = texts[key] = literal_text(tape, key) or ""
        state[name] = items[index + 1]
    return state


def _shape(tape: Tape, value: int) -> list[int] | None:
    if value > 0 and tape.data[value - 1] == 0x29:
        return []
    extents: list[int] = []
    for item in tape.row_of(value):
        extent = literal_number(tape, item)
        if extent is None or extent < 0:
            return None
        extents.append(extent)
    return extents or None


@lru_cache(maxsize=256)
def _width(text: str) -> int | None:
    """Bytes of one element of a numpy type such as `f8`, `<i4`, `U12`, `V16`."""
    match = _DTYPE.match(text)
    if not match:
        return None
    letter, digits = match.groups()
    if not digits:
        return _WIDTHS.get(letter)
    return int(digits) * 4 if letter == "U" else int(digits)


def _inner_pickle(tape: Tape, at: int) -> int:
    """An array of objects: a stream of its own, followed with the same names; its sightings count here."""
    from bartizan.sensors.models.pickles.calls import STEPS
    from bartizan.sensors.models.pickles.machine import follow

    if tape.depth > 20:
        raise Broken("nested too deep")
    inner = Tape(tape.data, at, tape.end, tape.names)
    inner.depth = tape.depth + 1
    after = follow(inner, STEPS)
    tape.absorb(inner)
    if inner.broken:
        raise Broken(inner.broken)
    return after
