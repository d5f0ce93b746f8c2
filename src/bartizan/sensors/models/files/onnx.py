"""ONNX: custom operators and the paths of external data, in every graph, function and attribute.

Field numbers: `onnx/onnx.proto`. Lists read from the packs: `onnx-domains`, `onnx-code-domains`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from bartizan.model.severity import Severity
from bartizan.sensors.models.files.protobuf import Malformed, fields, text
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

_DEPTH = 60
_MODEL = {"producer": 2, "version": 3, "graph": 7, "opset": 8, "metadata": 14, "training": 20, "function": 25}
_UNSAFE = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\~]|^[A-Za-z]:|\\|^[a-z][a-z0-9+.-]*:|\x00", re.IGNORECASE)


class _Seen:
    """What the walk of one model collects."""

    def __init__(self) -> None:
        self.nodes = 0
        self.tensors = 0
        self.operators: dict[tuple[str, str], int] = {}
        self.locations: dict[str, int] = {}
        self.local: set[str] = set()


def read_onnx(reading: Reading, bench: Bench, data: Buffer) -> None:
    """Walk the model; what is malformed ends the walk and is said."""
    reading.format, reading.framework = "onnx", "onnx"
    seen = _Seen()
    try:
        _model(reading, data, seen)
    except Malformed as fault:
        reading.worsen(Standing.UNKNOWN)
        reading.gaps.append(f"the ONNX file cannot be read to its end: {fault}")
    reading.properties.update(nodes=seen.nodes, tensors=seen.tensors)
    reading.add(*_operator_issues(bench, seen), *_path_issues(seen))
    if reading.issues:
        worst = max((issue.severity or Severity.HIGH for issue in reading.issues), key=lambda severity: severity.rank)
        reading.worsen(Standing.REVIEW if worst.at_least(Severity.MEDIUM) else Standing.UNKNOWN)


def _model(reading: Reading, data: Buffer, seen: _Seen) -> None:
    for number, wire, start, stop in fields(data, 0, len(data)):
        if wire != 2:
            continue
        if number == _MODEL["producer"]:
            reading.properties["producer"] = text(data, start, stop, 80)
        elif number == _MODEL["graph"]:
            _graph(data, start, stop, seen, 0)
        elif number == _MODEL["function"]:
            _function(data, start, stop, seen)
        elif number == _MODEL["training"]:
            for inner, kind, begin, end in fields(data, start, stop):
                if inner in (1, 2) and kind == 2:
                    _graph(data, begin, end, seen, 0)


def _graph(data: Buffer, start: int, stop: int, seen: _Seen, depth: int) -> None:
    if depth > _DEPTH:
        raise Malformed("graphs nest too deep")
    for number, wire, begin, end in fields(data, start, stop):
        if wire == 2 and number == 1:
            _node(data, begin, end, seen, depth)
        elif wire == 2 and number == 5:
            _tensor(data, begin, end, seen)
        elif wire == 2 and number == 15:
            _sparse(data, begin, end, seen)


def _function(data: Buffer, start: int, stop: int, seen: _Seen) -> None:
    for number, wire, begin, end in fields(data, start, stop):
        if wire == 2 and number == 7:
            _node(data, begin, end, seen, 1)
        elif wire == 2 and number == 10:
            seen.local.add(text(data, begin, end, 200))


def _node(data: Buffer, start: int, stop: int, seen: _Seen, depth: int) -> None:
    operator = domain = ""
    seen.nodes += 1
    for number, wire, begin, end in fields(data, start, stop):
        if wire != 2:
            continue
        if number == 4:
            operator = text(data, begin, end, 200)
        elif number == 7:
            domain = text(data, begin, end, 200)
        elif number == 5:
            _attribute(data, begin, end, seen, depth)
    seen.operators.setdefault((domain, operator), start)


def _attribute(data: Buffer, start: int, stop: int, seen: _Seen, depth: int) -> None:
    for number, wire, begin, end in fields(data, start, stop):
        if wire == 2 and number in (5, 10):
            _tensor(data, begin, end, seen)
        elif wire == 2 and number in (6, 11):
            _graph(data, begin, end, seen, depth + 1)
        elif wire == 2 and number in (22, 23):
            _sparse(data, begin, end, seen)


def _sparse(data: Buffer, start: int, stop: int, seen: _Seen) -> None:
    for number, wire, begin, end in fields(data, start, stop):
        if wire == 2 and number in (1, 2):
            _tensor(data, begin, end, seen)


def _tensor(data: Buffer, start: int, stop: int, seen: _Seen) -> None:
    seen.tensors += 1
    for number, wire, begin, end in fields(data, start, stop):
        if wire == 2 and number == 13:
            entry = {key: text(data, first, last) for key, kind, first, last in fields(data, begin, end) if kind == 2}
            if entry.get(1) == "location":
                seen.locations.setdefault(entry.get(2, ""), begin)


def _operator_issues(bench: Bench, seen: _Seen) -> Iterator[Issue]:
    known, code = bench.words("onnx-domains"), bench.words("onnx-code-domains")
    custom: dict[str, list[str]] = {}
    for (domain, operator), at in seen.operators.items():
        if f"{domain}:{operator}" in code:
            yield Issue(
                "onnx-code-operator", f"the operator {domain}:{operator} runs Python code", offset=at, proof=operator
            )
        elif domain not in known and domain not in seen.local:
            custom.setdefault(domain, []).append(operator)
    for domain, operators in sorted(custom.items()):
        names = ", ".join(sorted(operators)[:8])
        yield Issue("onnx-custom-operator", f"operators of {domain!r}: {names}", severity=Severity.LOW, proof=domain)


def _path_issues(seen: _Seen) -> Iterator[Issue]:
    for location, at in seen.locations.items():
        if _UNSAFE.search(location) or _UNSAFE.search(unquote(location)):
            yield Issue(
                "onnx-external-path", f"takes tensor data from {location[:200]!r}", offset=at, proof=location[:200]
            )
