"""Blobs as configuration: JSON, YAML or TOML, whichever it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bartizan.model.blob import Blob
from bartizan.model.document import Document
from bartizan.model.errors import LimitError, SourceError
from bartizan.syntax.json import read_json
from bartizan.syntax.toml import read_toml
from bartizan.syntax.written import Tree, decode_text
from bartizan.syntax.yaml import read_yaml_documents

MAX_BYTES = 64 << 20
MAX_LINES = 100_000
MAX_FLAWS = 20
"""Malformed documents of one file after which the rest is left."""
_LINE = re.compile(r"line (\d+):")
_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_STATEMENT = re.compile(r"\{%[-+]?\s*(?:if|for|set|include|block|extends|macro|raw|import|from|else|endif|endfor)\b")
_TOML_NAMES = frozenset({"pipfile", "poetry.lock", "uv.lock", "pdm.lock", "cargo.lock", "gopkg.lock"})
_LINES_OF_JSON = (".jsonl", ".ndjson")
_TEXTS = frozenset({"text", "utf16", "utf32"})


@dataclass(slots=True)
class Parsed:
    """The documents of one blob in their order, and what is wrong with those that could not be read."""

    documents: list[Document] = field(default_factory=list)
    flaws: list[SourceError] = field(default_factory=list)
    """Each begins with `line N:` where a line is to blame."""
    is_template: bool = False
    """It does not parse because it is to be filled in first (Helm, Jinja, Go)."""


def read_documents(blob: Blob) -> list[Document]:
    """The documents that can be read. Raises SourceError (see `parse`) when there is none but should be."""
    parsed = parse(blob)
    if parsed.flaws and not parsed.documents:
        raise parsed.flaws[0]
    return parsed.documents


def parse(blob: Blob) -> Parsed:
    """Parse the blob; an empty file gives no document, a file of several YAML documents or JSON lines several.

    One of several that is malformed costs none of the others. Never raises for what is in the blob.
    """
    parsed = Parsed()
    if blob.format == "empty":
        return parsed
    if blob.format not in _TEXTS:
        parsed.flaws.append(SourceError(f"not a text but {blob.format}"))
        return parsed
    if blob.size > MAX_BYTES:
        parsed.flaws.append(LimitError(f"a configuration of more than {MAX_BYTES >> 20} MiB is not parsed"))
        return parsed
    text = decode_text(blob.bytes())
    if not text.strip():
        return parsed
    try:
        for syntax, found in _trees(blob.name, text):
            if isinstance(found, SourceError):
                parsed.flaws.append(found)
            else:
                parsed.documents.append(Document(blob, syntax, found.value, found.places, found.keys))
    except SourceError as error:
        parsed.flaws.append(error)
    parsed.is_template = bool(parsed.flaws) and _is_template(blob.name, text)
    return parsed


def _is_template(name: str, text: str) -> bool:
    """Statements of Jinja in any file; double braces, which also are JSON, in YAML only."""
    return bool(_STATEMENT.search(text)) or (name.lower().endswith((".yaml", ".yml")) and "{{" in text)


def _trees(name: str, text: str) -> Iterable[tuple[str, Tree | SourceError]]:
    lower = name.lower()
    if lower.endswith(_LINES_OF_JSON):
        return (("json", tree) for tree in _json_lines(text))
    if lower.endswith(".toml") or lower in _TOML_NAMES:
        return [("toml", read_toml(text))]
    if lower.endswith((".yaml", ".yml")):
        return _yaml(text)
    if text.lstrip()[:1] in ("{", "[", "/", '"') or lower.endswith((".json", ".jsonc", ".json5", ".ipynb")):
        return [("json", read_json(text))]
    return _yaml(text)


def _yaml(text: str) -> Iterator[tuple[str, Tree | SourceError]]:
    """JSON inside a YAML file is read as JSON first: libyaml refuses tabs and some escapes."""
    if text.lstrip()[:1] == "{":
        try:
            yield "json", read_json(text)
            return
        except SourceError:
            pass
    for found in _yaml_documents(text):
        yield "yaml", found


def _yaml_documents(text: str) -> Iterator[Tree | SourceError]:
    """Every document; behind a malformed one the reader begins anew at the next line that starts one."""
    start = 0
    for _ in range(MAX_FLAWS):
        try:
            # Line feeds in place of what was read keep the numbers of the lines.
            yield from read_yaml_documents("\n" * text.count("\n", 0, start) + text[start:])
            return
        except LimitError as error:
            yield error
            return
        except SourceError as error:
            yield error
            line = _LINE.match(error.what)
            following = _start_of_document(text, start, int(line.group(1)) if line else 1)
        if following < 0:
            return
        start = following
    yield LimitError(f"{MAX_FLAWS} malformed documents; the rest is unread")


def _start_of_document(text: str, start: int, line: int) -> int:
    """Offset of the first `---` behind `start` that lies on the line (from 1) or below it; -1 when there is none."""
    number = text.count("\n", 0, start) + 1
    for match in _DOCUMENT.finditer(text, start + 1):
        number += text.count("\n", start, match.start())
        start = match.start()
        if number >= line:
            return start
    return -1


def _json_lines(text: str) -> Iterator[Tree | SourceError]:
    flaws = 0
    for number, line in enumerate(text.split("\n"), 1):
        if number > MAX_LINES:
            yield LimitError(f"more than {MAX_LINES} lines of JSON")
            return
        if not line.strip():
            continue
        try:
            tree = read_json(line)
        except SourceError as error:
            flaws += 1
            if flaws > MAX_FLAWS:
                yield LimitError(f"{MAX_FLAWS} malformed lines; the rest is unread")
                return
            yield SourceError(error.what.replace("line 1:", f"line {number}:", 1))
            continue
        tree.places = {way: (number, column) for way, (_, column) in tree.places.items()}
        tree.keys = {way: (number, column) for way, (_, column) in tree.keys.items()}
        yield tree
