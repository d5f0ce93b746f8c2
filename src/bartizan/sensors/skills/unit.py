"""The pieces of a bundle on which signals are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bartizan.syntax.markdown import Part, read_markdown
from bartizan.syntax.shell import read_shell

SHELL = (
    "sh",
    "bash",
    "zsh",
    "shell",
    "console",
    "shellscript",
    "shell-session",
    "powershell",
    "ps1",
    "pwsh",
    "bat",
    "cmd",
    "fish",
)
PYTHON = ("py", "python", "python3", "pyw")
SCRIPT = ("js", "javascript", "ts", "typescript", "mjs", "cjs", "jsx", "tsx", "node")
PROGRAM = (
    "rb",
    "ruby",
    "pl",
    "pm",
    "perl",
    "php",
    "lua",
    "go",
    "rs",
    "rust",
    "java",
    "kt",
    "swift",
    "cs",
    "c",
    "cpp",
    "vbs",
    "erl",
    "nim",
    "jl",
)
"""Languages that are read line by line, without more."""
MARKDOWN = ("md", "mdc", "markdown", "mdx", "txt", "rst", "cursorrules", "windsurfrules", "clinerules")

_QUOTED = re.compile(
    r"\"([^\"\n]{3,400})\"|“([^”\n]{3,400})”|«([^»\n]{3,400})»|„([^“”\n]{3,400})[“”]|「([^」\n]{3,400})」"
)
_OPENED = re.compile(r"^[\"“][^\"”]*$")
"""A sentence of a quotation that the sentences after it close."""
_TICKED = re.compile(r"(`{1,2})([^`\n]{2,600})\1")
_COMMAND = re.compile(
    r"^\s*(?:\$\s|sudo\s|[./~]|[A-Za-z_]\w*=|(?:curl|wget|bash|sh|zsh|python3?|node|npx|npm|pip|uvx|cat|rm|chmod|"
    r"crontab|echo|eval|export|source|nc|scp|ssh|rsync|tar|base64|powershell|iwr|git|gh|osascript|launchctl|"
    r"systemctl|claude)\b)|https?://|[|>]\s*\S"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence, command or line. `place` is a word of `rules.skills.Signal.places`; `cited` says that the text
    around it presents it as an example or a thing to look for; `file` is the path inside the bundle.
    """

    file: str
    place: str
    text: str
    line: int
    section: str = ""
    lead: str = ""
    cited: bool = False
    block: int = 0
    fenced: bool = False
    """Code shown in a document: each fence is judged as a file of its own."""


def language_of(name: str, head: str = "") -> str:
    """`markdown`, `shell`, `python`, `script`, `program`, `json` or "", from the name and the first line."""
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    for word, suffixes in (
        ("markdown", MARKDOWN),
        ("shell", SHELL),
        ("python", PYTHON),
        ("script", SCRIPT),
        ("program", PROGRAM),
    ):
        if suffix in suffixes:
            return word
    if suffix in ("json", "jsonc"):
        return "json"
    if head.startswith("#!"):
        line = head.split("\n", 1)[0]
        return "python" if "python" in line else "script" if "node" in line or "deno" in line else "shell"
    return ""


def read_units(file: str, text: str, language: str) -> Iterator[Unit]:
    """The units of one file, in order."""
    if language == "markdown":
        for number, part in enumerate(read_markdown(text)):
            yield from _part_units(file, part, number)
    elif language == "shell":
        yield from _shell_units(Unit(file, "shell", "", 0), text, 1)
    elif language in ("python", "script", "program"):
        yield from _code_units(Unit(file, language, "", 0), text, 1)


def _part_units(file: str, part: Part, number: int) -> Iterator[Unit]:
    whole = Unit(
        file, part.kind, part.text, part.line, part.section, part.lead, block=number, fenced=part.kind == "code"
    )
    if part.kind == "code":
        language = language_of("x." + part.language) if part.language else _guess(part.text)
        if language == "shell":
            yield from _shell_units(whole, part.text, part.line)
        elif language in ("python", "script", "program"):
            yield from _code_units(replace(whole, place=language), part.text, part.line)
        elif not part.language or part.language in ("text", "txt", "markdown", "md", "prompt", "xml"):
            for offset, line in enumerate(part.text.split("\n")):
                if line.strip():
                    yield replace(whole, place="sample", text=line.strip(), line=part.line + offset)
        return
    if part.kind == "comment":
        for offset, line in enumerate(part.text.split("\n")):
            if line.strip():
                yield replace(whole, text=line.strip(), line=part.line + offset)
        return
    yield replace(whole, text=part.text if part.kind == "front" else _unquoted(part.text))
    for match in _TICKED.finditer(part.text):
        if _COMMAND.search(match.group(2)):
            yield from _shell_units(replace(whole, lead=part.text), match.group(2), part.line)


def _unquoted(text: str) -> str:
    """Mask quoted wording, keep quoted names: what a sentence says itself is left, what it cites is not."""

    def masked(match: re.Match[str]) -> str:
        inner = next((group for group in match.groups() if group), "")
        return match.group(0) if len(inner.split()) < 3 and not re.search(r"[぀-ヿ一-鿿]{6}", inner) else "“…”"

    def ticked(match: re.Match[str]) -> str:
        inner = match.group(2)
        return match.group(0) if len(inner.split()) < 4 or _COMMAND.search(inner) else "“…”"

    return _OPENED.sub("“…”", _QUOTED.sub(masked, _TICKED.sub(ticked, text)))


def _shell_units(whole: Unit, text: str, line: int) -> Iterator[Unit]:
    for command in read_shell(text):
        place = "comment" if command.comment else "shell"
        yield replace(whole, place=place, text=re.sub(r"^\s*[$>]\s+", "", command.text), line=line + command.line - 1)


def _code_units(whole: Unit, text: str, line: int) -> Iterator[Unit]:
    """Logical lines: a line with open brackets takes in the following ones, at most 12."""
    lines = text.split("\n")
    index, inside = 0, False
    while index < len(lines) and index < 40_000:
        raw = lines[index][:4000]
        stripped = raw.strip()
        start = index
        index += 1
        if not stripped:
            continue
        marks = sum(stripped.count(mark) for mark in ('"""', "'''")) if whole.place == "python" else 0
        if inside or (marks and stripped.startswith(('"""', "'''", 'r"""'))):
            inside = inside ^ (marks % 2 == 1)
            yield replace(whole, place="comment", text=stripped.strip("\"'"), line=line + start)
            continue
        inside = marks % 2 == 1
        if stripped.startswith(("#", "//", "*", "/*")):
            yield replace(whole, place="comment", text=stripped.lstrip("#/* "), line=line + start)
            continue
        joined = stripped
        while _open(joined) and index < len(lines) and index - start < 12 and len(joined) < 4000:
            joined += " " + lines[index].strip()[:1000]
            index += 1
        yield replace(whole, text=joined, line=line + start)


def _open(text: str) -> bool:
    return text.count("(") + text.count("[") > text.count(")") + text.count("]")


def _guess(text: str) -> str:
    """The language of a fence that names none: only plain commands count as shell."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return "shell" if _COMMAND.search(first) and not first.lstrip().startswith(("http", "/", "./", "~")) else ""
