"""Launches that a publisher describes instead of writing them down: the packages of a registry's `server.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RUNNERS = {
    "npm": ("npx", "-y", "{name}", "@"),
    "pypi": ("uvx", "{name}", "=="),
    "oci": ("docker", "run", "-i", "--rm", "{name}", ":"),
}
"""By registry: the command with the package's place in it, and the sign between name and version."""


def launched(entry: Mapping[Any, Any]) -> dict[Any, Any] | None:
    """The entry with the command that clients make of it and the variables that it sets; None for other entries.

    Source: the registry's generic server.json format (fields registryType, identifier, version, environmentVariables;
    earlier drafts wrote registry_name and name).
    """
    kind = entry.get("registryType", entry.get("registry_type", entry.get("registry_name")))
    name = entry.get("identifier", entry.get("name"))
    if not isinstance(kind, str) or not isinstance(name, str) or kind.lower() not in _RUNNERS:
        return None
    *words, sign = _RUNNERS[kind.lower()]
    version = entry.get("version")
    whole = name
    if isinstance(version, str) and version and sign not in name.lstrip("@"):
        whole = f"{name}{sign}{version}"
    return {
        **entry,
        "command": [word.format(name=whole) for word in words],
        "args": [],
        "env": _variables(entry.get("environmentVariables", entry.get("environment_variables"))),
    }


def _variables(listed: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for variable in listed if isinstance(listed, list) else ():
        if isinstance(variable, dict) and isinstance(variable.get("name"), str):
            value = variable.get("value", variable.get("default"))
            if isinstance(value, str) and value:
                found[variable["name"]] = value
    return found
