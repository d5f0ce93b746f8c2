"""Which file an import names."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from bartizan.syntax.flow import tree

_SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx")


def imported_file(files: Mapping[str, object], importer: str, statement: tree.Import, language: str) -> str:
    """The path of the file among `files`, or the empty string for what comes from outside."""
    if language == "python":
        return _python_file(files, importer, statement)
    return _script_file(files, importer, statement.module)


def _python_file(files: Mapping[str, object], importer: str, statement: tree.Import) -> str:
    parts = statement.module.split(".") if statement.module else []
    folder = posixpath.dirname(importer)
    if statement.dots:
        for _ in range(statement.dots - 1):
            folder = posixpath.dirname(folder)
        roots = [folder]
    else:
        roots = [folder]
        while folder:
            folder = posixpath.dirname(folder)
            roots.append(folder)
        roots.append("src")
    for root in roots:
        base = posixpath.join(root, *parts)
        names = [f"{base}/{statement.name}.py"] if statement.name and statement.name != "*" else []
        for name in (*names, f"{base}.py", f"{base}/__init__.py"):
            found = name.lstrip("/")
            if found in files and found != importer:
                return found
    return ""


def _script_file(files: Mapping[str, object], importer: str, module: str) -> str:
    if module.startswith("."):
        base = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
    elif module.startswith(("@/", "~/")):
        base = posixpath.join("src", module[2:])
    else:
        return ""
    stem = base
    for suffix in (".js", ".mjs", ".cjs", ".jsx"):
        stem = stem.removesuffix(suffix)
    for each in (base, stem):
        for name in (
            each,
            *(each + suffix for suffix in _SUFFIXES),
            *(f"{each}/index{suffix}" for suffix in _SUFFIXES),
        ):
            if name in files and name != importer:
                return name
    return ""
