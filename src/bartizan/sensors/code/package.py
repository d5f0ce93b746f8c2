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
MAX_BUILT = 6 << 20
"""Of what a build made: bundles carry whole libraries."""
MAX_LINE = 400
"""Of a line, on average, in sources that a person wrote."""
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
BUILT = frozenset({"dist", "build", "out", "lib-cjs", "esm", "cjs"})
"""What a build makes of the sources beside it: read only where there are none."""
_TEST = re.compile(
    r"(?:^|/)(?:test_[^/]*\.py|[^/]*_test\.py|conftest\.py|[^/]*\.(?:test|spec)\.[mc]?[jt]sx?|[^/]*\.d\.[mc]?ts|[^/]*\.min\.js)$"
)


def is_root(folder: Folder) -> bool:
    """Whether a server may begin here: the target or an archive itself, or a folder with a package's manifest."""
    return folder.path == "." or not MANIFESTS.isdisjoint(folder.files)


def is_contained(folder: Folder) -> bool:
    """Whether a recipe for a container lies beside it."""
    return any(name.lower().startswith(("dockerfile", "containerfile", "docker-compose")) for name in folder.files)


def read_server(folder: Folder, suffixes: tuple[str, ...], markers: str, left: list[str]) -> dict[str, str]:
    """Sources that hold a server, or what was built of them where only that is there; else nothing."""
    for leaving in (LEFT_OUT | BUILT, LEFT_OUT):
        texts = read_sources(folder, suffixes, left, leaving)
        if has_server(texts, markers):
            return texts
        if BUILT.isdisjoint(folder.folders):
            break
    return {}


def read_sources(
    folder: Folder, suffixes: tuple[str, ...], left: list[str], leaving: frozenset[str] = LEFT_OUT | BUILT
) -> dict[str, str]:
    """Texts by path below the folder, other packages, tests and folders of the names in `leaving` left out. What a
    limit left unread enters `left`.
    """
    texts: dict[str, str] = {}
    total = 0
    for path in _paths(folder, "", 0, leaving):
        if not path.endswith(suffixes) or _TEST.search(path):
            continue
        if len(texts) >= MAX_FILES or total > (MAX_TOTAL if leaving >= BUILT else MAX_BUILT):
            left.append(path)
            break
        data = folder.read(path, MAX_FILE)
        if data is None:
            left.append(path)
            continue
        total += len(data)
        texts[path] = data.decode("utf-8", "replace").removeprefix("\ufeff")
    return texts


def is_minified(text: str) -> bool:
    """Whether a program wrote it: its names say nothing, and lines are long."""
    return len(text) > 20_000 and len(text) > MAX_LINE * (text.count("\n") + 1)


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


def _paths(folder: Folder, prefix: str, depth: int, leaving: frozenset[str]) -> Iterator[str]:
    for name in folder.files:
        yield prefix + name
    if depth >= MAX_DEPTH:
        return
    for name in folder.folders:
        below = None if name in leaving else folder.enter(name)
        if below is not None and MANIFESTS.isdisjoint(below.files):
            yield from _paths(below, f"{prefix}{name}/", depth + 1, leaving)
