"""PaddlePaddle programs: operators that call Python. Field numbers: `paddle/fluid/framework/framework.proto`.

A ProgramDesc has its blocks in field 1, a block its operators in field 4, an operator its type in field 3. List read
from the packs: `paddle-code-operators`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.sensors.models.files.protobuf import Malformed, fields, text
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

_BLOCKS, _OPERATORS, _TYPE = 1, 4, 3


def read_paddle(reading: Reading, bench: Bench, data: Buffer) -> None:
    """A program saved for inference: `*.pdmodel`, or `__model__` as older versions name it."""
    reading.format, reading.framework = "paddle", "paddle"
    operators: dict[str, int] = {}
    try:
        for number, wire, start, stop in fields(data, 0, len(data)):
            if number == _BLOCKS and wire == 2:
                _block(data, start, stop, operators)
    except Malformed as fault:
        reading.worsen(Standing.UNKNOWN)
        if operators:
            reading.gaps.append(f"the program cannot be read to its end: {fault}")
    reading.properties["operators"] = len(operators)
    code = sorted(set(operators) & bench.words("paddle-code-operators"))
    if code:
        reading.worsen(Standing.DENY)
        reading.add(Issue("paddle-code-operator", f"the program uses {', '.join(code)}",
                          offset=min(operators[name] for name in code), proof="|".join(code)))  # fmt: skip


def _block(data: Buffer, start: int, stop: int, operators: dict[str, int]) -> None:
    """Note each operator type with the offset of its first use."""
    for number, wire, begin, end in fields(data, start, stop):
        if number == _OPERATORS and wire == 2:
            for inner, kind, first, last in fields(data, begin, end):
                if inner == _TYPE and kind == 2:
                    operators.setdefault(text(data, first, last, 120), first)
