"""What code the loaders of model repositories would import, from whatever declares it.

Lists read from the packs: `module-packages`, `loader-files`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bartizan.model.severity import Severity

if TYPE_CHECKING:
    from bartizan.model.folder import Folder
    from bartizan.sensors.models.bench import Bench

_DEPTH = 12
_SOURCE = 8 << 20
_TRANSFORMERS = "transformers with trust_remote_code"
_SCRIPT = re.compile(rb"GeneratorBasedBuilder|ArrowBasedBuilder|datasets\.BuilderConfig")


@dataclass(frozen=True, slots=True)
class Import:
    """One import: who does it, from which file of the repository (empty when from elsewhere), declared where."""

    rule: str
    loader: str
    text: str
    declared: str
    file: str = ""
    line: int | None = None
    severity: Severity = Severity.MEDIUM


def imports(bench: Bench, folder: Folder, documents: dict[str, Any]) -> Iterator[Import]:
    """All imports of a repository."""
    for name, document in documents.items():
        yield from _auto_map(folder, name, document, "", 0)
    yield from _components(bench, folder, documents)
    yield from _modules(bench, folder, documents)
    yield from _files(bench, folder)
    yield from _dataset(folder)


def _auto_map(folder: Folder, name: str, value: Any, way: str, depth: int) -> Iterator[Import]:
    """Every auto_map and custom pipeline of a document, at any depth."""
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for inner in value[:100]:
            yield from _auto_map(folder, name, inner, way, depth + 1)
    elif isinstance(value, dict):
        for entry, target in _targets(value):
            yield _mapped(folder, name, f"{way}{entry}", target)
        for key, inner in value.items():
            if key != "auto_map" and isinstance(inner, dict | list):
                yield from _auto_map(folder, name, inner, f"{way}{key}.", depth + 1)


def _targets(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What one object maps to code: the key, and `file.Class`."""
    table, pipelines = value.get("auto_map"), value.get("custom_pipelines")
    for kind, target in table.items() if isinstance(table, dict) else ():
        for text in target if isinstance(target, list) else [target]:
            if isinstance(text, str):
                yield f"auto_map.{kind}", text
    for kind, entry in pipelines.items() if isinstance(pipelines, dict) else ():
        text = entry.get("impl") if isinstance(entry, dict) else None
        if isinstance(text, str):
            yield f"custom_pipelines.{kind}", text


def _mapped(folder: Folder, declared: str, way: str, target: str) -> Import:
    """`file.Class`, or `owner/repository--file.Class` from another repository."""
    repository, _, local = target.rpartition("--")
    text = f"{way} imports {target[:200]}"
    if repository:
        return Import("remote-code", _TRANSFORMERS, f"{text} from another repository", declared, severity=Severity.HIGH)
    file = local.rpartition(".")[0].replace(".", "/") + ".py"
    if folder.read(file, _SOURCE) is None:
        return Import("remote-code", _TRANSFORMERS, f"{text}, which is not here", declared)
    return Import("remote-code", _TRANSFORMERS, text, declared, file)


def _components(bench: Bench, folder: Folder, documents: dict[str, Any]) -> Iterator[Import]:
    """model_index.json of diffusers: [library, class] for each part; a library that is no package is local code."""
    index = documents.get("model_index.json")
    if not isinstance(index, dict):
        return
    known = bench.words("module-packages")
    pipeline = index.get("_class_name")
    entries = {key: value for key, value in index.items() if isinstance(value, list) and len(value) == 2}
    if isinstance(pipeline, list) and len(pipeline) == 2:
        entries["_class_name"] = pipeline
    for part, (library, name) in entries.items():
        if not isinstance(library, str) or library.partition(".")[0] in known or library.startswith("pipeline_"):
            continue
        file = next(
            (
                way
                for way in (f"{part}/{library}.py", f"{library}.py", "pipeline.py")
                if folder.read(way, _SOURCE) is not None
            ),
            "",
        )
        yield Import(
            "remote-code",
            "diffusers with trust_remote_code",
            f"the part {part} is {library}.{name}",
            "model_index.json",
            file,
        )


def _modules(bench: Bench, folder: Folder, documents: dict[str, Any]) -> Iterator[Import]:
    """modules.json of sentence-transformers: the type of each stage is imported."""
    modules = documents.get("modules.json")
    if not isinstance(modules, list):
        return
    known = bench.words("module-packages")
    for entry in modules[:100]:
        kind = entry.get("type") if isinstance(entry, dict) else None
        if isinstance(kind, str) and kind.partition(".")[0] not in known:
            module = kind.rpartition(".")[0]
            way = module.replace(".", "/") + ".py"
            text = f"the stage {str(entry.get('name', ''))[:40]!r} is {kind[:200]}"
            severity = Severity.HIGH if bench.names.denied(module) else Severity.MEDIUM
            file = way if folder.read(way, _SOURCE) is not None else ""
            yield Import("remote-code", "sentence-transformers", text, "modules.json", file, severity=severity)


def _files(bench: Bench, folder: Folder) -> Iterator[Import]:
    """Files that a loader imports by their name alone."""
    for pair in sorted(bench.words("loader-files")):
        file, _, loader = pair.partition(" ")
        if folder.read(file, _SOURCE) is not None:
            yield Import("loader-code", loader, f"{loader} imports {file}", file, file, severity=Severity.LOW)


def _dataset(folder: Folder) -> Iterator[Import]:
    """A data set script: named like its folder, or any that defines a builder beside no package."""
    for name in folder.files:
        if name.endswith(".py"):
            content = folder.read(name, 2 << 20)
            if (
                content
                and _SCRIPT.search(content)
                and "setup.py" not in folder.files
                and "__init__.py" not in folder.files
            ):
                yield Import(
                    "dataset-script", "datasets with trust_remote_code", f"load_dataset runs {name}", name, name
                )
