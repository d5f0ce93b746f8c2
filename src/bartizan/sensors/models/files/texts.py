"""Models and their declarations that are text: templates, Keras JSON, MLmodel, XML formats, configuration with targets.

Lists read from the packs: `target-keys` (keys whose value may be imported), `sure-target-keys` (those that always are),
`mlflow-loaders`, and those of `code`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bartizan.model.severity import Confidence, Severity
from bartizan.sensors.models.issue import Issue, Reading, text_digest
from bartizan.sensors.models.pickles.names import Standing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

_LIMIT = 16 << 20
_TARGET = re.compile(
    r"""^[\s-]*["']?([\w.]+)["']?\s*[:=]\s*["']?([A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)+)["']?\s*,?\s*(?:#.*)?$""",
    re.MULTILINE,
)
_TAG = re.compile(r"!!python/(?:object|name|module)[\w/]*:?[\w.]*|!!python/object/(?:apply|new):[\w.]+")
_LOADER = re.compile(r"^\s*(?:loader_module|model_class|code)\s*:\s*(\S+)", re.MULTILINE)
_DOCTYPE = re.compile(r"<!(DOCTYPE|ENTITY)\b[^>]*", re.IGNORECASE)
_LAYER = re.compile(r"<layer\b[^>]*\btype=\"([^\"]+)\"[^>]*\bversion=\"([^\"]+)\"")


def decode(data: Buffer) -> str:
    """The text, in the encoding its first bytes tell, cut to 16 MiB."""
    raw = bytes(data[:_LIMIT])
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    return raw.decode("utf-8-sig", "replace")


def read_template(reading: Reading, bench: Bench, data: Buffer) -> None:
    """tokenizer_config.json, processor_config.json, chat_template.json or a bare Jinja file."""
    from bartizan.sensors.models.templates import template_issues

    source = decode(data)
    reading.format = "chat-template"
    for where, template, line in _templates(source):
        reading.properties.setdefault("chat_templates", {})[where] = text_digest(template)
        for issue in template_issues(bench, template, where, line=line):
            reading.add(issue)
            reading.worsen(Standing.DENY if issue.rule == "template-escape" else Standing.REVIEW)


def _templates(source: str) -> Iterator[tuple[str, str, int]]:
    """Where, text, and the line of the file before its first (0 when lines do not correspond)."""
    if not source.lstrip().startswith("{") or "{%" in source[:2] or source.lstrip()[:2] in ("{{", "{%", "{#"):
        yield "chat template", source, 0
        return
    try:
        value = json.loads(source)
    except (ValueError, RecursionError):
        return
    yield from _in_json(value, "", 0)


def _in_json(value: Any, where: str, depth: int) -> Iterator[tuple[str, str, int]]:
    if isinstance(value, dict) and depth < 6:
        for key, item in value.items():
            yield from _in_json(item, f"{where}.{key}" if where else str(key), depth + 1)
    elif isinstance(value, list) and depth < 6:
        for index, item in enumerate(value[:50]):
            yield from _in_json(item, f"{where}[{index}]", depth + 1)
    elif isinstance(value, str) and "template" in where and ("{{" in value or "{%" in value):
        yield where, value, 0


def read_keras_json(reading: Reading, bench: Bench, data: Buffer) -> None:
    """An architecture as `model.to_json()` gives it."""
    from bartizan.sensors.models.files.keras import config_issues

    reading.format, reading.framework = "keras-json", "keras"
    try:
        config_issues(reading, bench, json.loads(decode(data)))
    except (ValueError, RecursionError):
        reading.worsen(Standing.UNKNOWN)


def read_config(reading: Reading, bench: Bench, data: Buffer) -> None:
    """Configuration whose values are imported and called (Hydra, NeMo, latent diffusion), and YAML's Python tags."""
    reading.format = "model-config"
    source = decode(data)
    keys = bench.words("target-keys")
    for match in _TARGET.finditer(source):
        key, target = match.groups()
        if key in keys and (reason := _danger(bench, key, target)):
            reading.worsen(Standing.DENY)
            line = source.count("\n", 0, match.start(2)) + 1
            reading.add(Issue("config-target", f"{key} is {target}, which {reason}", line=line, proof=target))
    for match in _TAG.finditer(source):
        reading.worsen(Standing.DENY)
        reading.add(Issue("config-target", f"the tag {match.group(0)} builds Python objects",
                          line=source.count("\n", 0, match.start()) + 1, proof=match.group(0)))  # fmt: skip


def _danger(bench: Bench, key: str, target: str) -> str:
    """Why the target must not be called; empty when it may. Keys with other meanings count for known calls only."""
    module, _, name = target.rpartition(".")
    judgement = bench.names.judge(module, name)
    if judgement.standing is not Standing.DENY:
        return ""
    calls = bench.words("code-shell") | bench.words("code-evaluation") | bench.words("code-network")
    if key not in bench.words("sure-target-keys") and not {target, f"{module}.*"} & calls:
        return ""
    return bench.names.reasons.get(judgement.reason, "is denied")


def read_mlmodel(reading: Reading, bench: Bench, data: Buffer) -> None:
    """MLflow's MLmodel: the module that loads the model."""
    reading.format, reading.framework = "mlflow", "mlflow"
    source = decode(data)
    for match in _LOADER.finditer(source):
        value = match.group(1).strip("'\"")
        if value in ("null", "~", "None") or value.split(".")[0] in bench.words("mlflow-loaders"):
            continue
        key = match.group(0).strip().partition(":")[0]
        severity = Severity.LOW
        if key == "loader_module":
            module, _, name = value.rpartition(".")
            severity = (
                Severity.HIGH
                if bench.names.denied(value) or bench.names.judge(module, name).standing is Standing.DENY
                else Severity.MEDIUM
            )
        reading.worsen(Standing.REVIEW)
        reading.add(Issue("mlflow-loader", f"{key} is {value[:120]}", line=source.count("\n", 0, match.start(1)) + 1,
                          severity=severity, confidence=Confidence.FIRM, proof=f"{key} {value}"))  # fmt: skip


def read_xml(reading: Reading, bench: Bench, data: Buffer) -> None:
    """OpenVINO and PMML: no document type, no entities, no operators of foreign libraries."""
    source = decode(data)
    is_pmml = "<PMML" in source[:4096]
    reading.format = "pmml" if is_pmml else "openvino"
    for match in _DOCTYPE.finditer(source[: 1 << 20]):
        if match.group(1).upper() == "ENTITY" or "[" in match.group(0) or "SYSTEM" in match.group(0).upper():
            reading.worsen(Standing.DENY)
            reading.add(
                Issue(
                    "xml-entity",
                    match.group(0)[:160],
                    line=source.count("\n", 0, match.start()) + 1,
                    proof=match.group(0)[:160],
                )
            )
            break
    if not is_pmml:
        strange = sorted(
            {
                f"{kind} of {version}"
                for kind, version in _LAYER.findall(source)
                if not version.startswith(("opset", "util", "experimental"))
            }
        )
        if strange:
            reading.add(
                Issue(
                    "custom-operator", f"needs {', '.join(strange[:8])}", severity=Severity.LOW, proof="|".join(strange)
                )
            )


def read_booster(reading: Reading, bench: Bench, data: Buffer) -> None:
    """XGBoost and LightGBM in their own formats: numbers only."""
    head = bytes(data[:64])
    reading.format = "lightgbm" if head.startswith(b"tree\n") else "xgboost"
    reading.framework = reading.format
