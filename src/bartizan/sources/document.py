"""Blobs as configuration: JSON, YAML or TOML, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bartizan.model.blob import Blob
from bartizan.model.document import Document
from bartizan.model.errors import LimitError, SourceError
from bartizan.syntax.json import read_json
from bartizan.syntax.toml import read_toml
from bartizan.syntax.written import Tree, decode_text
from bartizan.syntax.yaml import read_yaml_documents

MAX_BYTES = 64 << 20
MAX_LINES = 100_000
_TOML_NAMES = frozenset({"pipfile", "poetry.lock", "uv.lock", "pdm.lock", "cargo.lock", "gopkg.lock"})
_LINES_OF_JSON = (".jsonl", ".ndjson")
_TEXTS = frozenset({"text", "utf16", "utf32"})


def read_documents(blob: Blob) -> list[Document]:
    """Parse the blob; an empty file gives no document, a file of several YAML documents or JSON lines several.

    Raises SourceError with `line N:` where it is malformed, and LimitError where it is too large.
    """
    if blob.format == "empty":
        return []
    if blob.format not in _TEXTS:
        raise SourceError(f"not a text but {blob.format}")
    if blob.size > MAX_BYTES:
        raise LimitError(f"a configuration of more than {MAX_BYTES >> 20} MiB is not parsed")
    text = decode_text(blob.bytes())
    if not text.strip():
        return []
    return [Document(blob, syntax, tree.value, tree.places, tree.keys) for syntax, tree in _trees(blob.name, text)]


def _trees(name: str, text: str) -> Iterable[tuple[str, Tree]]:
    lower = name.lower()
    if lower.endswith(_LINES_OF_JSON):
        return [("json", tree) for tree in _json_lines(text)]
    if lower.endswith(".toml") or lower in _TOML_NAMES:
        return [("toml", read_toml(text))]
    if lower.endswith((".yaml", ".yml")):
        return _yaml(text)
    if text.lstrip()[:1] in ("{", "[", "/", '"') or lower.endswith((".json", ".jsonc", ".json5", ".ipynb")):
        return [("json", read_json(text))]
    return _yaml(text)


def _yaml(text: str) -> list[tuple[str, Tree]]:
    """JSON inside a YAML file is read as JSON first: libyaml refuses tabs and some escapes."""
    if text.lstrip()[:1] == "{":
        try:
            return [("json", read_json(text))]
        except SourceError:
            pass
    return [("yaml", tree) for tree in read_yaml_documents(text)]


def _json_lines(text: str) -> Iterator[Tree]:
    for number, line in enumerate(text.split("\n"), 1):
        if number > MAX_LINES:
            raise LimitError(f"more than {MAX_LINES} lines of JSON")
        if not line.strip():
            continue
        try:
            tree = read_json(line)
        except SourceError as error:
            raise SourceError(error.what.replace("line 1:", f"line {number}:", 1)) from None
        tree.places = {way: (number, column) for way, (_, column) in tree.places.items()}
        tree.keys = {way: (number, column) for way, (_, column) in tree.keys.items()}
        yield tree
