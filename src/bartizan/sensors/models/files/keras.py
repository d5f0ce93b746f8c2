"""Keras: the configuration tree of a model, in its zip, in HDF5, in JSON, and what it would build on load.

Lists read from the packs: `keras-modules` (modules whose classes Keras itself deserialises), `keras-vocabularies`
(layers whose vocabulary may be a path).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bartizan.model.severity import Confidence, Severity
from bartizan.sensors.models.bench import UNPACKED
from bartizan.sensors.models.files import zipped
from bartizan.sensors.models.files.archive import examine_archive, heads, safe_name
from bartizan.sensors.models.files.hdf5 import SIGNATURE, root_attributes
from bartizan.sensors.models.files.torch import read_member
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing
from bartizan.sensors.models.pickles.stream import looks_like_start

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench
    from bartizan.sensors.models.files.zipped import Archive

_DEPTH, _NODES = 200, 500_000
_CONFIG = 64 << 20
_SEARCHED = 32 << 20
_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_.]{2,60}")
_CLASS_STYLE = re.compile(r"_*[A-Z]\w*(?:>\w+)?\Z")
_FUNCTIONS = frozenset({"function", "builtin_function_or_method", "type"})


def read_keras(reading: Reading, bench: Bench, data: Buffer, archive: Archive) -> None:
    """The zip format of Keras 3: config.json, weights in HDF5, and assets."""
    reading.framework = "keras"
    examine_archive(reading, data, archive)
    for member, head in heads(data, archive):
        name = safe_name(member.name)
        if member.name.endswith(".json") and member.packed:
            content = bytes(zipped.content(data, member, _CONFIG))
            config_text(reading, bench, content.decode("utf-8", "replace"), name)
        elif head.startswith(SIGNATURE):
            _hdf5(reading, bench, zipped.content(data, member, UNPACKED), name)
        elif looks_like_start(head):
            read_member(reading, bench, data, member, script=False, quiet=False)


def read_hdf5(reading: Reading, bench: Bench, data: Buffer) -> None:
    """A file of HDF5: a whole model when it has a configuration, else weights."""
    reading.format = "hdf5"
    _hdf5(reading, bench, data, "")


def _hdf5(reading: Reading, bench: Bench, data: Buffer, member: str) -> None:
    attributes = root_attributes(data)
    version = attributes.get("keras_version", "")
    if version or "layer_names" in attributes or "model_config" in attributes:
        reading.framework = "keras"
    if version:
        reading.properties["keras_version"] = version[:40]
    texts = {name: text for name, text in attributes.items() if name in ("model_config", "training_config", "config")}
    if not texts:
        texts = {f"bytes at {at}": text for at, text in _loose_configs(data)}
    for text in texts.values():
        config_text(reading, bench, text, member)


def _loose_configs(data: Buffer) -> Iterator[tuple[int, str]]:
    """Configurations that the attributes did not lead to: JSON objects with a class name, wherever they stand."""
    window = bytes(data[:_SEARCHED])
    at = window.find(b'"class_name"')
    decoder = json.JSONDecoder()
    while at >= 0:
        start = window.rfind(b"{", max(0, at - 4096), at)
        if start >= 0:
            text = window[start:_SEARCHED].split(b"\0", 1)[0].decode("utf-8", "replace")
            try:
                _, length = decoder.raw_decode(text)
            except (ValueError, RecursionError):
                length = 0
            if length:
                yield start, text[:length]
                at = max(at, start + length)
        at = window.find(b'"class_name"', at + 1)


def config_text(reading: Reading, bench: Bench, text: str, member: str) -> None:
    """A configuration as JSON text."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        if '"class_name"' in text:
            reading.gaps.append(f"the configuration {member or 'of the model'} is no valid JSON")
            reading.worsen(Standing.UNKNOWN)
        return
    config_issues(reading, bench, tree, member)


def config_issues(reading: Reading, bench: Bench, tree: Any, member: str = "") -> None:
    """Judge every object of a configuration tree that names a class."""
    for node in _objects(tree):
        for issue in _judge(bench, node, member):
            reading.add(issue)
            severity = issue.severity or Severity.HIGH
            reading.worsen(Standing.DENY if severity.at_least(Severity.HIGH) else Standing.REVIEW)


def _objects(tree: Any) -> Iterator[dict[str, Any]]:
    waiting, count = [(tree, 0)], 0
    while waiting and count < _NODES:
        value, depth = waiting.pop()
        count += 1
        if depth > _DEPTH:
            continue
        if isinstance(value, dict):
            if isinstance(value.get("class_name"), str):
                yield value
            waiting.extend((item, depth + 1) for item in value.values() if isinstance(item, dict | list))
        elif isinstance(value, list):
            waiting.extend((item, depth + 1) for item in value if isinstance(item, dict | list))


def _judge(bench: Bench, node: dict[str, Any], member: str) -> Iterator[Issue]:
    name = node["class_name"]
    config = node.get("config")
    if name in ("Lambda", "TFOpLambda", "SlicingOpLambda", "__lambda__"):
        yield from _lambda(node, name, member)
    elif isinstance(node.get("module"), str):
        yield from _module(bench, node, member)
    if name in bench.words("keras-vocabularies") and isinstance(config, dict):
        vocabulary = config.get("vocabulary")
        if isinstance(vocabulary, str) and vocabulary:
            yield Issue(
                "keras-vocabulary-path",
                f"{name} reads its vocabulary from {vocabulary[:200]!r}",
                member=member,
                proof=vocabulary[:200],
            )


def _lambda(node: dict[str, Any], name: str, member: str) -> Iterator[Issue]:
    config = node.get("config") if isinstance(node.get("config"), dict) else {}
    assert isinstance(config, dict)
    code = _code(config if name == "__lambda__" else config.get("function"))
    if code is None and name in ("TFOpLambda", "SlicingOpLambda"):
        return
    label = str(config.get("name", name))[:80]
    if code is not None:
        names = sorted({found.decode() for found in _NAME.findall(code)} - {"lambda"})[:20]
        text = f"the layer {label!r} carries byte code that names {', '.join(names)}"
        yield Issue("keras-lambda", text, member=member, severity=Severity.CRITICAL, confidence=Confidence.CERTAIN,
                    proof=label)  # fmt: skip
    elif name == "Lambda" and not _is_code_object(config.get("function")):
        function = config.get("function")
        function = function.get("config", function) if isinstance(function, dict) else function
        text = f"the layer {label!r} calls the function {str(function)[:120]!r} of the loader's choice"
        yield Issue("keras-lambda", text, member=member, severity=Severity.MEDIUM, proof=label)


def _is_code_object(function: Any) -> bool:
    """A nested `__lambda__` object, which is judged by itself."""
    return isinstance(function, dict) and function.get("class_name") == "__lambda__"


def _code(function: Any) -> bytes | None:
    """The marshalled code of a lambda: base64 text, in a list or under `code`; None when there is none."""
    if isinstance(function, dict):
        function = function.get("code")
    if isinstance(function, list) and function:
        function = function[0]
    if not isinstance(function, str) or len(function) < 16:
        return None
    try:
        return base64.b64decode("".join(function.split()), validate=True)
    except (ValueError, binascii.Error):
        return None


def _module(bench: Bench, node: dict[str, Any], member: str) -> Iterator[Issue]:
    module, name, config = node["module"], node["class_name"], node.get("config")
    is_function = name in _FUNCTIONS
    target = config if is_function and isinstance(config, str) else name
    judgement = bench.names.judge(module, target)
    text = f"builds {module}.{target}"[:300]
    if judgement.standing is Standing.DENY:
        reason = bench.names.reasons.get(judgement.reason, "")
        severity, confidence = Severity.CRITICAL, Confidence.FIRM
        text = f"{text}, which {reason}"
    elif _is_stock(bench, module, target, is_function) or judgement.standing is Standing.ALLOW:
        return
    elif judgement.suspicious or is_function or module.startswith("keras."):
        severity, confidence = Severity.MEDIUM, Confidence.TENTATIVE
    else:
        yield Issue("keras-custom-object", text, member=member, proof=text)
        return
    yield Issue("keras-arbitrary-module", text, member=member, severity=severity, confidence=confidence, proof=text)


def _is_stock(bench: Bench, module: str, target: str, is_function: bool) -> bool:
    """Whether Keras itself builds this: a class of one of its packages, or a function of those that hold functions."""
    if module == "builtins":
        return is_function
    known = any(module == stem or module.startswith(f"{stem}.") for stem in bench.words("keras-modules"))
    if is_function:
        return known
    return (known or module == "keras" or module.startswith("keras.")) and _CLASS_STYLE.match(target) is not None
