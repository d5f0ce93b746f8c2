"""Looks at model repositories as a whole: what a loader would import from them, and what they promise.

Lists read from the packs: `repository-marks` (files that make a folder a model repository), `module-packages`
(packages whose classes sentence-transformers and diffusers load), `loader-files` (`file loader` pairs).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence, Finding
from bartizan.model.folder import Folder
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.library import Library
from bartizan.sensors.models.bench import Bench
from bartizan.sensors.models.code import Alarm, alarms
from bartizan.sensors.models.imports import Import, imports
from bartizan.sensors.models.readme import front_matter
from bartizan.sensors.models.signing import changed, manifests, unsigned

_JSON = 8 << 20
_WEIGHTS = re.compile(r"\.(?:bin|pt|pth|ckpt|pkl|pickle|h5)\Z")
_SAFE = re.compile(r"\.(?:safetensors)\Z")
_POINTER = b"version https://git-lfs.github.com/spec/v1"
_OUTSIDE = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\~]|^[A-Za-z]:|^[a-z][a-z0-9+.-]+://")


class Repositories:
    """Sensor for folders."""

    kind: ClassVar[type[Any]] = Folder

    def __init__(self, library: Library, settings: Settings) -> None:
        self._rules = library.rules("models")
        self._bench = Bench(library)
        self._marks = self._bench.words("repository-marks")

    def wants(self, subject: Folder) -> bool:
        """A folder with a file that loaders of models look for, or a data set script."""
        names = subject.files
        if any(name in self._marks or name.endswith((".index.json", ".sig")) for name in names):
            return True
        own = subject.location.leaf
        return f"{own}.py" in names and any(name.lower() == "readme.md" for name in names)

    def observe(self, subject: Folder) -> Iterator[Observation]:
        """The repository as an asset, and findings where its parts only make sense together."""
        parsed = ((name, _json(subject, name)) for name in subject.files if name.endswith(".json"))
        documents = {name: value for name, value in parsed if value is not None}
        found = list(imports(self._bench, subject, documents))
        asset = self._asset(subject, documents)
        observations = [
            *self._code(asset, subject, found),
            *self._paths(asset, subject, documents),
            *self._twins(asset, subject),
            *self._flags(asset, subject, documents),
            *self._signatures(asset, subject),
        ]
        if not found and not observations and not _is_model(documents, subject):
            return
        yield asset
        yield from observations
        yield from _pointers(subject)

    def _asset(self, folder: Folder, documents: dict[str, Any]) -> Asset:
        config = documents.get("config.json") or documents.get("model_index.json") or {}
        matter = front_matter(folder)
        properties: dict[str, Any] = {"kind": "model-repository"}
        for key in ("model_type", "_name_or_path", "architectures", "transformers_version", "_class_name"):
            if isinstance(config, dict) and isinstance(config.get(key), str | list):
                properties[key.lstrip("_")] = config[key]
        properties.update(matter)
        has_licence = "license" in matter or any(
            name.upper().startswith(("LICENSE", "LICENCE")) for name in folder.files
        )
        properties["licensed"] = has_licence
        code = {
            name: content for name in folder.files if name.endswith(".py") and (content := folder.read(name, _JSON))
        }
        properties["code"] = {name: sha256(content).hexdigest() for name, content in code.items()}
        properties["signed"] = any(name.endswith((".sig", ".sigstore", ".sigstore.json")) for name in folder.files)
        return Asset(AssetKind.REPOSITORY, folder.location.leaf or ".", folder.location, properties)

    def _code(self, asset: Asset, folder: Folder, found: list[Import]) -> Iterator[Finding]:
        """One finding for each loader: all the code it would import, and what of it is alarming."""
        for loader in sorted({item.loader for item in found}):
            group = [item for item in found if item.loader == loader]
            evidence = [Evidence("text", item.text, location=folder.at(item.declared)) for item in group]
            severity = max((item.severity for item in group), key=lambda value: value.rank)
            confidence = Confidence.FIRM
            for file in dict.fromkeys(item.file for item in group if item.file):
                content = folder.read(file, _JSON)
                for alarm in alarms(self._bench, content) if content is not None else ():
                    evidence.append(_evidence(folder, file, alarm))
                    severity = max(severity, _severity(alarm), key=lambda value: value.rank)
                    confidence = Confidence.CERTAIN if alarm.on_import else confidence
            first = group[0]
            where = folder.at(first.declared, first.line)
            yield self._rules[f"models/{first.rule}"].finding(
                asset.id, where, *evidence[:12], severity=severity, confidence=confidence,
                proof="|".join(sorted(item.text for item in group)),
            )  # fmt: skip

    def _paths(self, asset: Asset, folder: Folder, documents: dict[str, Any]) -> Iterator[Finding]:
        for name, value in documents.items():
            weights = value.get("weight_map") if isinstance(value, dict) else None
            if not isinstance(weights, dict):
                continue
            bad = sorted({str(path) for path in weights.values() if not isinstance(path, str) or _OUTSIDE.search(path)})
            if bad:
                yield self._rules["models/weight-path"].finding(
                    asset.id,
                    folder.at(name),
                    Evidence("text", f"takes weights from {', '.join(bad[:5])[:300]}"),
                    proof="|".join(bad)[:500],
                )

    def _twins(self, asset: Asset, folder: Folder) -> Iterator[Finding]:
        """Weights as a pickle although the same weights lie there as safetensors."""
        safe = [name for name in folder.files if _SAFE.search(name)]
        unsafe = [
            name
            for name in folder.files
            if name.startswith(("pytorch_model", "model", "adapter_model", "diffusion_pytorch_model"))
            and _WEIGHTS.search(name)
        ]
        if safe and unsafe:
            yield self._rules["models/unsafe-twin"].finding(
                asset.id,
                folder.at(unsafe[0]),
                Evidence("text", f"{', '.join(unsafe[:4])} beside {', '.join(safe[:4])}"),
                proof="|".join(unsafe[:20]),
            )

    def _flags(self, asset: Asset, folder: Folder, documents: dict[str, Any]) -> Iterator[Finding]:
        for name, value in documents.items():
            if isinstance(value, dict) and value.get("trust_remote_code") is True:
                yield self._rules["models/trust-remote-code"].finding(
                    asset.id, folder.at(name), Evidence("text", "trust_remote_code is true"), proof="trust"
                )

    def _signatures(self, asset: Asset, folder: Folder) -> Iterator[Finding]:
        """What a signature in the repository says about the files beside it."""
        for manifest in manifests(folder):
            for rule, names in (
                ("models/signature-mismatch", changed(folder, manifest)),
                ("models/unsigned-file", unsigned(folder, manifest)),
            ):
                if names:
                    text = f"{manifest.file} does not fit {', '.join(names[:8])}"
                    yield self._rules[rule].finding(
                        asset.id, folder.at(names[0]), Evidence("text", text), proof="|".join(names[:50])
                    )


def _evidence(folder: Folder, file: str, alarm: Alarm) -> Evidence:
    when = (
        "when imported" if alarm.on_import else "when the model is built or run" if alarm.on_load else "in a function"
    )
    return Evidence("text", f"{file}:{alarm.line} calls {alarm.name} {when}", location=folder.at(file, alarm.line))


def _severity(alarm: Alarm) -> Severity:
    if alarm.on_import:
        return Severity.CRITICAL if alarm.kind != "network" else Severity.HIGH
    if alarm.kind == "network":
        return Severity.LOW
    return Severity.HIGH if alarm.on_load else Severity.MEDIUM


def _json(folder: Folder, name: str) -> Any:
    content = folder.read(name, _JSON)
    if not content or content[:1] not in b"{[ \n\t\xef":
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _is_model(documents: dict[str, Any], folder: Folder) -> bool:
    config = documents.get("config.json")
    known = isinstance(config, dict) and ("model_type" in config or "architectures" in config)
    return (
        known
        or "model_index.json" in documents
        or any(_SAFE.search(name) or name.endswith(".gguf") for name in folder.files)
    )


def _pointers(folder: Folder) -> Iterator[Coverage]:
    """Weights that are only a pointer of git-lfs: nothing was looked at."""
    for name in folder.files:
        if _SAFE.search(name) or _WEIGHTS.search(name) or name.endswith(".gguf"):
            head = folder.read(name, 1024)
            if head and head.startswith(_POINTER):
                yield Coverage(
                    Outcome.SKIPPED,
                    str(folder.at(name)),
                    "a git-lfs pointer, not the weights themselves",
                    "models/repositories",
                )
