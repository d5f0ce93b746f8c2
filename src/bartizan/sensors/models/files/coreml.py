"""Core ML: custom layers and models. Field numbers: `mlmodel/format/Model.proto`, `NeuralNetwork.proto`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.model.severity import Severity
from bartizan.sensors.models.files.protobuf import Malformed, fields, text
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

_NETWORKS = frozenset({303, 403, 500})
_CUSTOM_MODEL, _CUSTOM_LAYER, _LINKED = 555, 500, 556


def read_coreml(reading: Reading, bench: Bench, data: Buffer) -> None:
    """Names of the classes that the host program would have to bring."""
    reading.format, reading.framework = "coreml", "coreml"
    names: set[str] = set()
    try:
        for number, wire, start, stop in fields(data, 0, len(data)):
            if wire == 2 and number in (_CUSTOM_MODEL, _LINKED):
                names.add(_first_text(data, start, stop))
            elif wire == 2 and number in _NETWORKS:
                _layers(data, start, stop, names)
    except Malformed as fault:
        reading.worsen(Standing.UNKNOWN)
        reading.gaps.append(f"the model cannot be read to its end: {fault}")
    if names:
        reading.add(
            Issue(
                "custom-operator",
                f"needs the classes {', '.join(sorted(names)[:8])}",
                severity=Severity.LOW,
                proof="|".join(sorted(names)),
            )
        )


def _layers(data: Buffer, start: int, stop: int, names: set[str]) -> None:
    for number, wire, begin, end in fields(data, start, stop):
        if number == 1 and wire == 2:
            for inner, kind, first, last in fields(data, begin, end):
                if inner == _CUSTOM_LAYER and kind == 2:
                    names.add(_first_text(data, first, last))


def _first_text(data: Buffer, start: int, stop: int) -> str:
    """The class name: field 10 of a custom layer or model."""
    texts = {number: text(data, begin, end, 120) for number, wire, begin, end in fields(data, start, stop) if wire == 2}
    return texts.get(10) or next(iter(texts.values()), "unnamed")
