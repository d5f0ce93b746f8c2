"""The source files that belong to one server."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping

from bartizan.model.folder import Folder
from bartizan.syntax.pattern import compiled

MAX_FILES = 1500
MAX_FILE = 1 << 20
MAX_TOTAL = 24 << 20
MAX_DEPTH = 12

MANIFESTS = frozenset({"pyproject.toml", "package.json", "setup.py", "setup.cfg"})
LEFT_OUT = frozenset(
    {
        ".git",
        "node_modules",
        ".venv",
        "venv",
        "env",
        "__pycache__",
        "site-packages",
        "dist",
        "build",
        "out",
        "coverage",
        ".tox",
        ".mypy_cache",
        ".next",
        "vendor",
        "__tests__",
        "tests",
        "test",
        "spec",
        "e2e",
        "benchmarks",
    }
)
_TEST = re.compile(
    r"(?:^|/)(?:test_[^/]*\.py|[^/]*_test\.py|conftest\.py|[^/]*\.(?:test|spec)\.[mc]?[jt]sx?|[^/]*\.d\.[mc]?ts|[^/]*\.min\.js)$"
)


def is_root(folder: Folder) -> bool:
    """Whether a server may begin here: the target or an archive itself, or a folder with a package's manifest."""
    return folder.path == "." or not MANIFESTS.isdisjoint(folder.files)


def read_sources(folder: Folder, suffixes: tuple[str, ...], left: list[str]) -> dict[str, str]:
    """Texts by path below the folder, other packages and tests left out. What a limit left unread enters `left`."""
    texts: dict[str, str] = {}
    total = 0
    for path in _paths(folder, "", 0):
        if not path.endswith(suffixes) or _TEST.search(path):
            continue
        if len(texts) >= MAX_FILES or total > MAX_TOTAL:
            left.append(path)
            break
        data = folder.read(path, MAX_FILE)
        if data is None:
            left.append(path)
            continue
        total += len(data)
        texts[path] = data.decode("utf-8", "replace").removeprefix("\ufeff")
    return texts


def has_server(texts: Mapping[str, str], markers: str) -> bool:
    """Whether any of the files names the protocol or one of its libraries."""
    pattern = compiled(markers)
    return any(pattern.search(text) for text in texts.values())


def server_name(folder: Folder) -> str:
    """The package's name from its manifest, or the folder's; empty for a target without either."""
    raw = folder.read("package.json", 1 << 20) if "package.json" in folder.files else None
    if raw is not None:
        try:
            value = json.loads(raw)
            name = value.get("name") if isinstance(value, dict) else None
            if isinstance(name, str) and name:
                return name[:200]
        except (ValueError, RecursionError):
            pass
    raw = folder.read("pyproject.toml", 1 << 20) if "pyproject.toml" in folder.files else None
    if raw is not None:
        try:
            project = tomllib.loads(raw.decode("utf-8", "replace")).get("project", {})
            if isinstance(project, dict) and isinstance(project.get("name"), str):
                return str(project["name"])[:200]
        except (tomllib.TOMLDecodeError, RecursionError):
            pass
    return folder.location.leaf.strip(".")


def _paths(folder: Folder, prefix: str, depth: int) -> Iterator[str]:
    for name in folder.files:
        yield prefix + name
    if depth >= MAX_DEPTH:
        return
    for name in folder.folders:
        below = None if name in LEFT_OUT else folder.enter(name)
        if below is not None and MANIFESTS.isdisjoint(below.files):
            yield from _paths(below, f"{prefix}{name}/", depth + 1)
