"""skops: a zip with a schema.json whose nodes name the types to build. Source: `skops/io/_audit.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bartizan.model.severity import Severity
from bartizan.sensors.models.files import zipped
from bartizan.sensors.models.files.archive import examine_archive, heads
from bartizan.sensors.models.files.torch import read_member
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing
from bartizan.sensors.models.pickles.stream import looks_like_start

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench
    from bartizan.sensors.models.files.zipped import Archive, Member

_SCHEMA = 64 << 20
_NODES = 500_000


def read_skops(reading: Reading, bench: Bench, data: Buffer, archive: Archive, schema: Member) -> None:
    """Judge the types of the schema like the globals of a pickle; no member should be a pickle."""
    reading.format, reading.framework = "skops", "sklearn"
    examine_archive(reading, data, archive)
    try:
        tree = json.loads(bytes(zipped.content(data, schema, _SCHEMA)))
    except (ValueError, RecursionError):
        reading.worsen(Standing.UNKNOWN)
        reading.gaps.append("schema.json is no JSON")
        return
    reading.add(*_type_issues(bench, tree))
    for member, head in heads(data, archive):
        if looks_like_start(head):
            read_member(reading, bench, data, member, script=False, quiet=False)
    if reading.issues:
        reading.worsen(
            Standing.DENY if any(issue.severity is Severity.CRITICAL for issue in reading.issues) else Standing.REVIEW
        )


def _type_issues(bench: Bench, tree: Any) -> Iterator[Issue]:
    seen: set[tuple[str, str]] = set()
    for node in _nodes(tree):
        module, name, loader = (str(node.get(key, "")) for key in ("__module__", "__class__", "__loader__"))
        if (module, name) in seen:
            continue
        seen.add((module, name))
        target = (
            str(node.get("attrs", "")) if loader == "OperatorFuncNode" and isinstance(node.get("attrs"), str) else name
        )
        judgement = bench.names.judge(module, name if "." not in target else target)
        text = f"builds {module}.{name} with {loader}"
        if judgement.standing is Standing.DENY:
            reason = bench.names.reasons.get(judgement.reason, "")
            yield Issue(
                "skops-type", f"{text}, which {reason}", member="schema.json", severity=Severity.CRITICAL, proof=text
            )
        elif loader == "OperatorFuncNode" and module not in ("operator", "_operator"):
            yield Issue(
                "skops-type",
                f"{text}: the loader does not fit the type",
                member="schema.json",
                severity=Severity.CRITICAL,
                proof=text,
            )
        elif loader == "MethodNode" and str(
            node.get("content", {}).get("func", "") if isinstance(node.get("content"), dict) else ""
        ).startswith("__"):
            yield Issue(
                "skops-type",
                f"{text}: takes a dunder method",
                member="schema.json",
                severity=Severity.CRITICAL,
                proof=text,
            )


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting, count = [tree], 0
    while waiting and count < _NODES:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            if "__class__" in value and "__module__" in value:
                yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
