"""What a skill says of itself in its front matter, and what hooks a settings file or plugin declares."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from bartizan.syntax.markdown import front_matter

_WORDING = re.compile(r'"((?:[^"\\\n]|\\.){0,40} (?:[^"\\\n]|\\.){10,2000})"')
MAX_FRONT = 64 << 10


@dataclass(frozen=True, slots=True)
class Manifest:
    """`name` and `description` are empty and `tools` is () when absent; `flaw` says in a few words what is wrong."""

    name: str = ""
    description: str = ""
    tools: tuple[str, ...] = ()
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Hook:
    """A command that the client runs by itself at `event`; `line` is where it stands (from 1)."""

    event: str
    command: str
    line: int


def read_manifest(text: str) -> Manifest:
    """The front matter of a SKILL.md or command file. YAML that does not parse is read line by line."""
    front, length = front_matter(text)
    if not length:
        return Manifest(flaw="no front matter")
    if len(front) > MAX_FRONT or ("&" in front and "*" in front and front.count("*") > 200):
        return Manifest(flaw="front matter too large")
    try:
        value = yaml.load(front, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        value = _by_lines(front)
    if not isinstance(value, dict):
        return Manifest(flaw="front matter is not a mapping")
    tools = value.get("allowed-tools", value.get("allowed_tools", value.get("tools", ())))
    names = [part.strip() for part in tools.split(",")] if isinstance(tools, str) else tools
    listed = tuple(str(tool) for tool in names) if isinstance(names, list) else ()
    name, description = value.get("name"), value.get("description")
    flaw = "" if name and description else "no name" if not name else "no description"
    return Manifest(str(name or ""), str(description or ""), listed, flaw)


def read_hooks(text: str) -> Iterator[Hook]:
    """Commands under `hooks`, and status line or key helper commands, of a settings file, plugin or hooks file."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(value, dict):
        return
    hooks = value.get("hooks", value if "PreToolUse" in value or "SessionStart" in value else None)
    if isinstance(hooks, dict):
        for event, entries in list(hooks.items())[:200]:
            for command in _commands(entries, 0):
                yield Hook(str(event), command, _line_of(text, command))
    scripts = value.get("scripts")
    scripts = scripts if isinstance(scripts, dict) else {}
    for key in ("preinstall", "install", "postinstall", "prepare"):
        script = scripts.get(key)
        if isinstance(script, str):
            yield Hook(key, script, _line_of(text, script))
    for key in ("statusLine", "apiKeyHelper", "awsAuthRefresh", "awsCredentialExport", "otelHeadersHelper"):
        for command in _commands(value.get(key), 0):
            yield Hook(key, command, _line_of(text, command))


def front_hooks(text: str) -> Iterator[Hook]:
    """Commands under `hooks` of the front matter of a skill, command or agent file."""
    front, length = front_matter(text)
    if not length or "hooks" not in front or len(front) > MAX_FRONT or front.count("*") > 200:
        return
    try:
        value = yaml.load(front, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    hooks = value.get("hooks") if isinstance(value, dict) else None
    if isinstance(hooks, dict):
        for event, entries in list(hooks.items())[:200]:
            for command in _commands(entries, 0):
                yield Hook(str(event), command, _line_of(text, command))


def read_wording(text: str) -> Iterator[tuple[str, int]]:
    """Texts of several words among the values of a JSON file, each with its line."""
    for count, match in enumerate(_WORDING.finditer(text)):
        if count >= 2000:
            return
        yield match.group(1).replace('\\"', '"').replace("\\n", " "), text.count("\n", 0, match.start()) + 1


def _commands(value: Any, depth: int) -> Iterator[str]:
    if depth > 6:
        return
    if isinstance(value, str) and depth == 0:
        yield value
    elif isinstance(value, list):
        for item in value[:200]:
            yield from _commands(item, depth + 1)
    elif isinstance(value, dict):
        command = value.get("command")
        if isinstance(command, str):
            arguments = value.get("args")
            more = [str(item) for item in arguments] if isinstance(arguments, list) else []
            yield " ".join([command, *more])
        for key in ("hooks", "bash", "powershell"):
            inner = value.get(key)
            if isinstance(inner, str):
                yield inner
            else:
                yield from _commands(inner, depth + 1)


def _line_of(text: str, command: str) -> int:
    quoted = json.dumps(command, ensure_ascii=False)[1:-1]
    at = text.find(quoted[:60])
    return text.count("\n", 0, at) + 1 if at >= 0 else 1


def _by_lines(front: str) -> dict[str, Any]:
    """`key: value` lines, for the many files whose description holds an unquoted colon."""
    table: dict[str, Any] = {}
    for line in front.split("\n"):
        key, colon, value = line.partition(":")
        if colon and key and not key[0].isspace() and key.strip() == key:
            table.setdefault(key, value.strip().strip("\"'"))
    return table
