"""The pieces of a bundle on which signals are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bartizan.sensors.skills.embedded import Piece, read_notebook, read_object, read_page, read_settings
from bartizan.syntax.foldedpython import read_folded
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
RECIPES = ("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile")
"""Files whose indented lines are commands."""
MARKUP = ("html", "htm", "xhtml", "svg", "vue", "xml")
"""Pages, of which only what they hide is read."""
SETTINGS = ("yml", "yaml", "toml", "ini", "cfg", "conf", "properties", "env", "envrc", "service", "dockerfile", "plist")
"""Files of settings and recipes, of which the commands and the addresses are read."""
MARKDOWN = ("md", "mdc", "markdown", "mdx", "txt", "rst", "cursorrules", "windsurfrules", "clinerules")

_QUOTED = re.compile(
    r"\"([^\"\n]{3,400})\"|“([^”\n]{3,400})”|«([^»\n]{3,400})»|„([^“”\n]{3,400})[“”]|「([^」\n]{3,400})」"
)
_SPOKEN = re.compile(r"\"[^\"\n]{3,400}\"|“[^”\n]{3,400}”|«[^»\n]{3,400}»|„[^“”\n]{3,400}[“”]")
"""What somebody else says: a command in its midst is a quotation too."""
_OPENED = re.compile(r"(?:^|(?<=[:,] ))[\"“](?=\S)[^\"”]*$")
"""A sentence of a quotation that the sentences after it close."""
_TICKED = re.compile(r"(`{1,2})([^`\n]{2,600})\1")
_RECIPE_MARK = re.compile(r"^(?:\t@?-?|\s+@|\w[\w-]*:\s+(?=\S))", re.MULTILINE)
_INLINE = re.compile(
    r"\b(python[\d.]*|node|deno|bun|ruby|perl|php)\s+(?:-\w+\s+)*?(?:-c|-e|-p|-r|--eval|eval)\s+"
    r"(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)')|"
    r"\b(python[\d.]*|node)\s+(?:-\s*)?<<-?\s*['\"]?(\w+)['\"]?[^\n]*\n(.*)",
    re.DOTALL,
)
"""Code given to an interpreter on its command line, or in a here-document."""
_STARTED = re.compile(
    r"\b(?:exec|execSync|spawnSync|spawn|system|popen|proc_open|shell_exec|passthru|execute|execCmd\w*|Process\.Start|"
    r"getRuntime\(\)\.exec)\(\s*(?:\"((?:[^\"\\\n]|\\.){4,2000})\"|'((?:[^'\\\n]|\\.){4,2000})'|`([^`]{4,2000})`)"
)
"""A command that code of another language than Python starts."""
_HIDDEN = re.compile(
    r"<\w+\b[^>]{0,200}(?:display:\s*none|visibility:\s*hidden|font-size:\s*0|opacity:\s*0(?![.\d])|\bhidden\b|"
    r"color:\s*(?:white|transparent|#fff(?:fff)?))[^>]{0,200}>([^<]{12,2000})",
    re.IGNORECASE,
)
"""Text of an element that no browser shows."""
_MARKUP_COMMENT = re.compile(r"<!--(.{8,4000}?)-->", re.DOTALL)
_COMMAND = re.compile(
    r"^\s*(?:\$\s|sudo\s|[./~]|[A-Za-z_]\w*=|(?:curl|wget|bash|sh|zsh|python3?|node|npx|npm|pip|uvx|cat|rm|chmod|"
    r"crontab|echo|eval|export|source|nc|scp|ssh|rsync|tar|base64|powershell|iwr|git|gh|osascript|launchctl|"
    r"systemctl|claude|psql|mysql|sqlite3|kubectl|docker|terraform|aws|gcloud|az|sed|find|mv|cp|ln|tee|dd|"
    r"pnpm|yarn|bun|deno|uv|make|gpg|openssl|perl|ruby|security|defaults|xattr|brew|apt|go|iex|irm|schtasks|reg|"
    r"(?:Get|Set|Add|New|Remove|Invoke|Start|Stop|Enable|Disable|Register|Import)-[A-Z]\w+)\b|(?:DROP|DELETE FROM|"
    r"TRUNCATE|ALTER|GRANT)\s)|https?://|[|>]\s*\S"
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
    shown_in: str = ""
    """The kind of part of a document in whose midst a command stands."""


def language_of(name: str, head: str = "") -> str:
    """`markdown`, `markup`, `shell`, `python`, `script`, `program`, `settings`, `notebook`, `json`, `recipe` or "",
    from the name and the first line.
    """
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    for word, suffixes in (
        ("markdown", MARKDOWN),
        ("markup", MARKUP),
        ("shell", SHELL),
        ("python", PYTHON),
        ("script", SCRIPT),
        ("program", PROGRAM),
        ("settings", SETTINGS),
        ("notebook", ("ipynb",)),
    ):
        if suffix in suffixes:
            return word
    if suffix in ("json", "jsonc"):
        return "json"
    if name.lower().startswith(("dockerfile", "containerfile")):
        return "settings"
    if name in RECIPES or suffix in ("mk", "just"):
        return "recipe"
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
    elif language == "markup":
        yield from _markup_units(file, text)
        yield from _embedded_units(file, read_page(text))
    elif language == "notebook":
        yield from _embedded_units(file, read_notebook(text))
    elif language == "settings":
        yield from _embedded_units(file, read_settings(text))
        yield from _address_units(file, text)
    elif language == "json":
        yield from _embedded_units(file, read_object(text))
        yield from _address_units(file, text)
    elif language == "recipe":
        yield from _shell_units(Unit(file, "shell", "", 0), _RECIPE_MARK.sub("", text), 1)
    elif language in ("python", "script", "program"):
        yield from _code_units(Unit(file, language, "", 0), text, 1)


def _embedded_units(file: str, pieces: Iterator[Piece]) -> Iterator[Unit]:
    """The units of code that stands inside a file of another kind, on their lines of that file."""
    for piece in pieces:
        for unit in read_units(file, piece.text, piece.language):
            yield replace(unit, line=unit.line + piece.line - 1)


def _address_units(file: str, text: str) -> Iterator[Unit]:
    """Lines of settings that hold an address."""
    for number, line in enumerate(text.split("\n")[:20_000], 1):
        if "://" in line:
            yield Unit(file, "setting", line.strip()[:1000], number)


def _part_units(file: str, part: Part, number: int) -> Iterator[Unit]:
    whole = Unit(
        file, part.kind, part.text, part.line, part.section, part.lead, block=number, fenced=part.kind == "code"
    )
    if part.kind == "code":
        yield from _fence_units(whole, part)
        return
    if part.kind == "comment":
        for offset, line in enumerate(part.text.split("\n")):
            if line.strip():
                yield replace(whole, text=line.strip(), line=part.line + offset)
        return
    for hidden in _HIDDEN.finditer(part.text):
        yield replace(whole, place="comment", text=hidden.group(1))
    yield replace(whole, text=part.text if part.kind == "front" else _unquoted(part.text))
    lead = f"{part.lead} {part.text}" if _OPENED.search(part.lead) else part.text
    quotes = [quote.span() for quote in _SPOKEN.finditer(part.text)]
    for match in _TICKED.finditer(part.text):
        if _COMMAND.search(match.group(2)):
            spoken = any(start < match.start() and match.end() < end for start, end in quotes)
            shown = replace(whole, lead=lead, shown_in=part.kind, cited=spoken)
            yield from _shell_units(shown, match.group(2), part.line)


def _fence_units(whole: Unit, part: Part) -> Iterator[Unit]:
    """The code of a fence by its language, or its lines when it is text."""
    language = language_of("x." + part.language) if part.language else _guess(part.text)
    if language == "shell":
        yield from _shell_units(whole, part.text, part.line)
    elif language in ("python", "script", "program"):
        yield from _code_units(replace(whole, place=language), part.text, part.line)
    elif not part.language or part.language in ("text", "txt", "markdown", "md", "prompt", "xml"):
        for offset, line in enumerate(part.text.split("\n")):
            if line.strip():
                yield replace(whole, place="sample", text=line.strip(), line=part.line + offset)


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
        start = line + command.line - 1
        yield replace(whole, place=place, text=re.sub(r"^\s*[$>]\s+", "", command.text), line=start)
        inline = None if command.comment else _INLINE.search(command.text)
        if inline:
            yield from _inline_units(replace(whole, line=start), inline, start)


def _inline_units(whole: Unit, inline: re.Match[str], line: int) -> Iterator[Unit]:
    """Code inside a command; it counts as standing on the command's line."""
    name = inline.group(1) or inline.group(4)
    place = "python" if name.startswith("python") else "script" if name in ("node", "deno", "bun") else "program"
    code = inline.group(2) or inline.group(3) or inline.group(6) or ""
    for unit in _code_units(replace(whole, place=place), code.replace('\\"', '"'), line):
        yield replace(unit, line=line)


def _code_units(whole: Unit, text: str, line: int) -> Iterator[Unit]:
    """Logical lines: a line with open brackets takes in the following ones, at most 12. Of Python, statements also as
    they read written out, and the commands that they start.
    """
    if whole.place == "python":
        for statement in read_folded(text):
            start = line + statement.line - 1
            if statement.changed:
                yield replace(whole, text=statement.text, line=start)
            if statement.command:
                yield from (replace(unit, line=start) for unit in _shell_units(whole, statement.command, start))
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
        if whole.place in ("script", "program"):
            yield from _started_units(whole, joined, line + start)


def _started_units(whole: Unit, text: str, line: int) -> Iterator[Unit]:
    """The commands that a line of code starts; they stand on its line."""
    for started in _STARTED.finditer(text):
        command = next(group for group in started.groups() if group)
        yield from (replace(unit, line=line) for unit in _shell_units(whole, command, line))


def _markup_units(file: str, text: str) -> Iterator[Unit]:
    """What a page says where no reader sees it: its comments, and elements that are not shown."""
    for pattern in (_MARKUP_COMMENT, _HIDDEN):
        for match in pattern.finditer(text):
            start = 1 + text.count("\n", 0, match.start(1))
            for offset, line in enumerate(match.group(1).split("\n")[:200]):
                if line.strip():
                    yield Unit(file, "comment", line.strip()[:4000], start + offset)


def _open(text: str) -> bool:
    return text.count("(") + text.count("[") > text.count(")") + text.count("]")


def _guess(text: str) -> str:
    """The language of a fence that names none: only plain commands count as shell."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return "shell" if _COMMAND.search(first) and not first.lstrip().startswith(("http", "/", "./", "~")) else ""
