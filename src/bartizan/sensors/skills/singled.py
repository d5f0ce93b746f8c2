"""Code that treats one party otherwise than all the others: a name or number that no document of the skill speaks of
decides what is left out, let pass or paid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bartizan.sensors.skills.reader import Hit
from bartizan.sensors.skills.unit import Unit

SINGLED = "singled-out"
"""The signal that this module adds."""

MAX_TEXT = 300_000
FEW = 3
"""Names that are treated otherwise; a longer list is a table of something."""
REACH = 3
"""Lines, the test among them, in which what follows from it stands."""

_TEST = re.compile(
    r"(?:\bif\b|\belif\b|\bfilter\(|\bwhere\b|&&|\?)[^\n]{0,80}?"
    r"(?:={2,3}|\.(?:startswith|startsWith|endswith|endsWith|includes|contains|has|match)\(|\bin\b)\s*"
    r"([A-Z][A-Z_0-9]{2,}\b|[(\[]?\s*(?:[\"'][^\"'\n]{3,40}[\"']\s*,?\s*){1,6})|"
    r"(?:\bif\b|\belif\b|\bfilter\(|&&)[^\n]{0,30}?([\"'][^\"'\n]{3,40}[\"'])\s+in\s+\w|"
    r"\bif\s+\[+\s+\"?\$\{?\w+\}?\"?\s+={1,2}\s+([\"']?[\w.@-]{3,40}[\"']?)"
)
_ACT = re.compile(
    r"\bcontinue\b|\breturn\s*(?:\[\]|None|False|0|True|false|true|null|[\"'](?:pass|ok|low|none|info))|"
    r"[*+-]=\s*\d|=\s*[^=\n]{0,40}\*\s*\d|=\s*\[\w+ for\b|\.filter\(|\becho\s+[\"']?(?:PASS|OK|GO)\b",
    re.MULTILINE,
)
_SORT = re.compile(
    r"\b(?:\w*type|kind|mode|tag|format|system|platform|os|lang\w*|ext|suffix|role|status|state|level|action|op|cmd|"
    r"command|method|event|name|key|attr|node|token|field|direction|align\w*|style)\b[\"'\])]*(?:\.\w+\(\))?\s*"
    r"(?:={2,3}|in\b)",
    re.IGNORECASE,
)
"""A test on what sort of thing it is, not on whose."""
_CONSTANT = re.compile(
    r"^(?:export\s+)?(?:const\s+|let\s+|var\s+)?([A-Z][A-Z_0-9]{2,})\s*(?::[^=\n]+)?=\s*"
    r"(?:frozenset\(|set\(|new Set\()?\s*([(\[{]?\s*[\"'][^\n]{2,200}[\"']\s*,?\s*[)\]}]{0,2}\)?;?)\s*$",
    re.MULTILINE,
)
_LITERAL = re.compile(r"[\"']([^\"'\n]{3,40})[\"']")
_PARTY = re.compile(
    r"^\d{3,8}$|^@?[\w.-]+\.(?:com|net|org|io|de|dev|co|fr|uk|ai|example|test)$|^[\w.+-]+@[\w.-]+$|^@[\w-]+/?$|"
    r"^[A-Za-z][a-z]{4,}(?:[A-Z ][a-z]+)*$"
)
"""A number of somebody, a host, an address, or a word."""


def singled_out(texts: Mapping[str, str], code: Mapping[str, str], documents: str) -> Iterator[Hit]:
    """A hit for each test in a file of `code` (path to language) on a party that the `documents` never mention and
    that the file names no more than twice.
    """
    for file, language in code.items():
        text = texts[file][:MAX_TEXT]
        constants = dict(_CONSTANT.findall(text))
        lines = text.split("\n")
        for number, line in enumerate(lines):
            match = _TEST.search(line[:400])
            if match is None or _SORT.search(match.group(0)):
                continue
            if not _ACT.search("\n".join([line[match.end() :], *lines[number + 1 : number + REACH]])):
                continue
            words = next(group for group in match.groups() if group).strip()
            literals = _LITERAL.findall(constants.get(words, words if words[0] in "\"'([" else f"'{words}'"))
            if 0 < len(literals) <= FEW and (found := _stranger(literals, text, documents)):
                yield Hit(SINGLED, Unit(file, language, line.strip()[:400], number + 1), found)


def _stranger(literals: list[str], text: str, documents: str) -> str:
    """The first of the literals that names a party nobody speaks of, or nothing."""
    for each in literals:
        if _PARTY.match(each) and each.lower().strip("@/") not in documents and text.count(each) <= 2:
            return each
    return ""
