"""TensorFlow: operators of SavedModels and frozen graphs, and the Keras configuration beside them.

Field numbers: `tensorflow/core/protobuf/saved_model.proto`, `meta_graph.proto`, `framework/graph.proto`,
`function.proto`. Lists read from the packs: `tensorflow-file-operators`, `tensorflow-code-operators`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bartizan.sensors.models.files.keras import config_issues
from bartizan.sensors.models.files.protobuf import Malformed, fields, text
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

_OPERATOR = re.compile(r"[A-Z_][A-Za-z0-9_>]*\Z")
Operators = dict[str, int]
"""Operator name to the offset of the first node that uses it."""


def read_saved_model(reading: Reading, bench: Bench, data: Buffer) -> None:
    """A saved_model.pb, or a graph alone."""
    reading.format, reading.framework = "tf-saved-model", "tensorflow"
    operators: Operators = {}
    size = len(data)
    try:
        for number, wire, start, stop in fields(data, 0, size):
            if number == 2 and wire == 2:
                for inner, kind, begin, end in fields(data, start, stop):
                    if inner == 2 and kind == 2:
                        _graph(data, begin, end, operators)
        if not operators:
            reading.format = "tf-graph"
            _graph(data, 0, size, operators)
    except Malformed as fault:
        if not operators:
            reading.worsen(Standing.UNKNOWN)
            reading.gaps.append(f"the graph cannot be read to its end: {fault}")
    reading.properties["operators"] = len(operators)
    reading.add(*_issues(bench, operators))
    if reading.issues:
        reading.worsen(Standing.DENY)


def _graph(data: Buffer, start: int, stop: int, operators: Operators) -> None:
    for number, wire, begin, end in fields(data, start, stop):
        if wire == 2 and number == 1:
            _node(data, begin, end, operators)
        elif wire == 2 and number == 2:
            for inner, kind, first, last in fields(data, begin, end):
                if inner == 1 and kind == 2:
                    _function(data, first, last, operators)


def _function(data: Buffer, start: int, stop: int, operators: Operators) -> None:
    for number, wire, begin, end in fields(data, start, stop):
        if wire == 2 and number == 3:
            _node(data, begin, end, operators)


def _node(data: Buffer, start: int, stop: int, operators: Operators) -> None:
    for number, wire, begin, end in fields(data, start, stop):
        if number == 2 and wire == 2:
            name = text(data, begin, end, 200)
            if _OPERATOR.match(name):
                operators.setdefault(name, begin)
            return


def _issues(bench: Bench, operators: Operators) -> Iterator[Issue]:
    files = sorted(operators.keys() & bench.words("tensorflow-file-operators"))
    code = sorted(operators.keys() & bench.words("tensorflow-code-operators"))
    if files:
        yield Issue(
            "tensorflow-file-operator",
            f"the graph uses {', '.join(files)}",
            offset=operators[files[0]],
            proof="|".join(files),
        )
    if code:
        yield Issue(
            "tensorflow-code-operator",
            f"the graph uses {', '.join(code)}",
            offset=operators[code[0]],
            proof="|".join(code),
        )


def read_keras_metadata(reading: Reading, bench: Bench, data: Buffer) -> None:
    """keras_metadata.pb: a JSON text for each layer of a SavedModel (nodes = 1; metadata = 4)."""
    reading.format, reading.framework = "keras-metadata", "keras"
    try:
        for number, wire, start, stop in fields(data, 0, len(data)):
            if number == 1 and wire == 2:
                for inner, kind, begin, end in fields(data, start, stop):
                    if inner == 4 and kind == 2:
                        _layer(reading, bench, text(data, begin, end, 16 << 20))
    except Malformed as fault:
        reading.gaps.append(f"the metadata cannot be read to its end: {fault}")


def _layer(reading: Reading, bench: Bench, source: str) -> None:
    try:
        config_issues(reading, bench, json.loads(source))
    except (ValueError, RecursionError):
        reading.worsen(Standing.UNKNOWN)
