"""Which files of a skill work together: one imports, loads or starts the other, or a third does so with both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MAX_TEXT = 200_000
MAX_FILES = 200
MANY = 12
"""In a program of more files than these, a third file that uses both says nothing of the two."""

_USED = re.compile(
    r"^\s*(?:from\s+([\w.]+)\s+import\s+([\w, ()]+)|import\s+([\w., ]+))|"
    r"(?:\bfrom|\brequire\(|\bimport\(?|\bsource|^\s*\.)\s*[\"']?(?:\$\w+/|\$\{\w+\}/|\$\([^)\n]*\)/)?([\w./@-]+)|"
    r"([\w-]+\.(?:py|js|mjs|cjs|ts|sh|bash|ps1|rb|pl))\b",
    re.MULTILINE,
)
_WORD = re.compile(r"[\w-]+")

Ties = Mapping[str, frozenset[str]]
"""For each file, the files that work with it."""


def ties(texts: Mapping[str, str], code: Iterable[str]) -> Ties:
    """The ties among the files of `code`; `texts` by path."""
    files = list(code)[:MAX_FILES]
    by_stem: dict[str, set[str]] = {}
    for file in files:
        by_stem.setdefault(_stem(file), set()).add(file)
    uses = {file: _used(texts[file][:MAX_TEXT], by_stem) - {file} for file in files}
    found: dict[str, set[str]] = {file: set(used) for file, used in uses.items()}
    for file, used in uses.items():
        for other in used:
            found[other].add(file)
            if len(files) <= MANY:
                found[other] |= used - {other}
    return {file: frozenset(others) for file, others in found.items()}


def _used(text: str, by_stem: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    for match in _USED.finditer(text):
        for words in match.groups():
            for word in _WORD.findall(words or ""):
                found |= by_stem.get(word, set())
    return found


def _stem(file: str) -> str:
    name = file.rpartition("/")[2].partition(".")[0]
    return file.rpartition("/")[0].rpartition("/")[2] if name in ("index", "__init__") else name
