"""Code inside files of another kind: notebooks, pages and drawings, settings and build recipes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_CELLS = 500
MAX_PIECES = 400
MAX_PIECE = 100_000

_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_HANDLER = re.compile(
    r"\son(?:load|error|click|begin|end|mouseover|focus)\s*=\s*(?:\"([^\"]{4,4000})\"|'([^']{4,4000})')"
    r"|\bhref\s*=\s*[\"']javascript:([^\"']{4,4000})",
    re.IGNORECASE,
)
_COMMAND_KEY = (
    r"(?:run|script|scripts|command|commands|cmd|exec|entrypoint|before_script|after_script|args|shell|"
    r"(?:pre|post|on)[_-]?\w*|\w+Command|task|preLaunchTask|ExecStart(?:Pre|Post)?)"
)
_KEYED = re.compile(rf"^(\s*(?:-\s+)?)[\"']?{_COMMAND_KEY}[\"']?\s*[:=]\s*(\S.*)$", re.IGNORECASE)
_BLOCK = re.compile(r"^[|>][+-]?\d?\s*$|^\[\s*$|^(?:\"\"\"|''')")
_STEP = re.compile(r"^(?:RUN|CMD|ENTRYPOINT|ONBUILD RUN)\s+(.*)$")
_QUOTED_VALUE = re.compile(rf"\"{_COMMAND_KEY}\"\s*:\s*\"((?:[^\"\\\n]|\\.){{4,4000}})\"", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """Code of one `language` (a word of `unit.language_of`) that begins on `line` (from 1)."""

    language: str
    text: str
    line: int


def read_notebook(text: str) -> Iterator[Piece]:
    """The code cells of a Jupyter notebook; its texts as Markdown."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    cells = value.get("cells") if isinstance(value, dict) else None
    at = 0
    for cell in cells[:MAX_CELLS] if isinstance(cells, list) else ():
        source = cell.get("source") if isinstance(cell, dict) else None
        lines = source if isinstance(source, list) else [source]
        said = "".join(line for line in lines if isinstance(line, str))[:MAX_PIECE]
        if not said.strip():
            continue
        first = next((line for line in lines if isinstance(line, str) and line.strip()), "")
        found = text.find(json.dumps(first, ensure_ascii=False)[1:-1][:80], at)
        found = found if found >= 0 else text.find(json.dumps(first)[1:-1][:80], at)
        at = max(at, found)
        line = text.count("\n", 0, at) + 1
        if cell.get("cell_type") == "code":
            yield Piece("shell" if said.startswith(("%%bash", "%%sh")) else "python", _without_magic(said), line)
        else:
            yield Piece("markdown", said, line)


def read_page(text: str) -> Iterator[Piece]:
    """What a page or a drawing runs when it is shown: its scripts and the handlers of its elements."""
    for match in _SCRIPT.finditer(text):
        yield Piece("script", match.group(1)[:MAX_PIECE], text.count("\n", 0, match.start(1)) + 1)
    for match in _HANDLER.finditer(text):
        said = next(group for group in match.groups() if group)
        yield Piece("script", said, text.count("\n", 0, match.start()) + 1)


def read_settings(text: str) -> Iterator[Piece]:
    """Commands of a settings file or recipe (YAML, TOML, INI, Dockerfile): what stands under a key that says so."""
    lines = text.split("\n")[:20_000]
    index = count = 0
    while index < len(lines) and count < MAX_PIECES:
        line, start = lines[index], index
        index += 1
        keyed, step = _KEYED.match(line), _STEP.match(line)
        if step:
            said = step.group(1)
            while said.endswith("\\") and index < len(lines):
                said = f"{said}\n{lines[index]}"
                index += 1
            yield Piece("shell", said, start + 1)
        elif keyed and _BLOCK.match(keyed.group(2)):
            body: list[str] = []
            while index < len(lines) and (not lines[index].strip() or _deeper(lines[index], keyed.group(1))):
                body.append(lines[index].strip())
                index += 1
            yield Piece("shell", "\n".join(body)[:MAX_PIECE], start + 2)
        elif keyed:
            yield Piece("shell", keyed.group(2).strip().strip(",").strip("\"'"), start + 1)
        else:
            continue
        count += 1


def read_object(text: str) -> Iterator[Piece]:
    """Commands of a JSON file: texts under a key that says so, and the scripts of a package."""
    for count, match in enumerate(_QUOTED_VALUE.finditer(text)):
        if count >= MAX_PIECES:
            return
        said = match.group(1).replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")
        yield Piece("shell", said, text.count("\n", 0, match.start()) + 1)
    try:
        value = json.loads(text) if '"scripts"' in text else None
    except (ValueError, RecursionError):
        return
    scripts = value.get("scripts") if isinstance(value, dict) else None
    for said in list(scripts.values())[:100] if isinstance(scripts, dict) else ():
        if isinstance(said, str):
            at = text.find(json.dumps(said, ensure_ascii=False)[1:-1][:60])
            yield Piece("shell", said, text.count("\n", 0, max(at, 0)) + 1)


def _deeper(line: str, indent: str) -> bool:
    return len(line) - len(line.lstrip()) > len(indent)


def _without_magic(code: str) -> str:
    """A cell without IPython's own commands, which are no Python; shell lines become calls."""
    lines = []
    for line in code.split("\n"):
        stripped = line.lstrip()
        if stripped.startswith("!"):
            lines.append(f"{line[: len(line) - len(stripped)]}import os; os.system({stripped[1:]!r})")
        else:
            lines.append("" if stripped.startswith("%") else line)
    return "\n".join(lines)
