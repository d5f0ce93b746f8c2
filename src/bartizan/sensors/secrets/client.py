"""Secrets in MCP client configurations, found by where they stand: a server's headers and environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.rules.credential import Structure
from bartizan.sensors.secrets.vocabulary import NameSense, Vocabulary

_BLOCK = re.compile(
    rb"""\b(?P<what>headers|http_headers|env|environment|envs)["']?\s{0,20}[:=]\s{0,20}\{(?P<body>[^{}]{1,20000})\}"""
)
_SECTION = re.compile(
    rb"""(?m)^\s*\[[\w."'-]*\.(?P<what>env|headers|http_headers)\]\s*\n(?P<body>(?:(?!\s*\[).*\n?){1,60})"""
)
_PAIR = re.compile(
    rb"""["']?(?P<name>[A-Za-z_][\w-]{1,79})["']?\s*[:=]\s*(?P<quote>["'])(?P<value>[^"'\n]{8,8192})(?P=quote)"""
)
_ARGUMENT = re.compile(
    rb"""["'](?:--?[Hh](?:eaders?)?["']\s{0,20},\s{0,20}["']|--?[Hh](?:eaders?)?[= ])"""
    rb"""(?P<name>[A-Za-z][\w-]{1,60})\s?[:=]\s?(?P<value>[^"'\n]{8,8192})["']"""
)
"""A header in a server's arguments: `"--header", "Authorization: Bearer …"`."""
_OPTION = re.compile(
    rb"""["']--?(?P<name>[A-Za-z][\w-]{1,60})(?:["']\s{0,20},\s{0,20}["']|=)(?P<value>[^"'\n-][^"'\n]{7,8191})["']"""
)
_QUERY = re.compile(
    rb"""https?://[^\s"'?]{1,400}\?(?:[^\s"']{0,400}?&)?(?P<name>[A-Za-z][\w-]{1,60})=(?P<value>[^&\s"'#]{8,2000})"""
)
_CONFIGURATION = re.compile(
    rb"""\A\s*(?:(?:#|//)[^\n]{0,500}\s+){0,50}(?:\{|\[[\w."'-]+\]|[A-Za-z_]\w*\s?=\s?["'\[{\d]|(?:[\w-]+:[^\n]*\n\s*){1,200}?mcp_?[sS]ervers:)"""
)
_SERVER = re.compile(rb"""["']([\w ./@-]{1,80})["']\s*:\s*\{|\[mcp_?[sS]ervers\.["']?([\w./@-]{1,80})""")
_INNER = frozenset((b"env", b"environment", b"envs", b"headers", b"http_headers", b"requestInit"))
"""Objects inside a server's own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One named value of a server, by its offsets."""

    structure: Structure
    server: str
    start: int
    end: int


def entries(data: bytes, vocabulary: Vocabulary) -> Iterator[Entry]:
    """Values whose names say that they are secrets, in blocks of headers and environment."""
    for block in (*_BLOCK.finditer(data), *_SECTION.finditer(data)):
        is_header = block.group("what") not in (b"env", b"environment", b"envs")
        base = block.start("body")
        for pair in _PAIR.finditer(block.group("body")):
            name = pair.group("name")
            if vocabulary.sense(name) is not NameSense.SECRET and not (is_header and vocabulary.is_header(name)):
                continue
            start, end = base + pair.start("value"), base + pair.end("value")
            start += _scheme(data[start:end], vocabulary) if is_header else 0
            kind = Structure.MCP_HEADER if is_header else Structure.MCP_ENV
            yield Entry(kind, server_at(data, block.start()), start, end)


def arguments(data: bytes, vocabulary: Vocabulary) -> Iterator[Entry]:
    """Headers, options and query parameters of a server's command line and address that say they are secrets.

    Only where the text is configuration as a whole: programs that speak of servers hold examples by the dozen.
    """
    if not _CONFIGURATION.match(data):
        return
    for pattern, kind in ((_ARGUMENT, Structure.MCP_HEADER), (_OPTION, Structure.MCP_ENV), (_QUERY, Structure.MCP_ENV)):
        for match in pattern.finditer(data):
            name, (start, end) = match.group("name"), match.span("value")
            is_header = kind is Structure.MCP_HEADER
            if vocabulary.sense(name) is not NameSense.SECRET and not (is_header and vocabulary.is_header(name)):
                continue
            start += _scheme(data[start:end], vocabulary) if is_header else 0
            yield Entry(kind, server_at(data, match.start()), start, end)


def _scheme(value: bytes, vocabulary: Vocabulary) -> int:
    for scheme in vocabulary.schemes:
        if value[: len(scheme)].lower() == scheme and value[len(scheme) : len(scheme) + 1] == b" ":
            return len(scheme) + 1
    return 0


def server_at(data: bytes, offset: int) -> str:
    """The name of the server that the block belongs to: the nearest key of an enclosing object."""
    head = data[max(0, offset - 4000) : offset]
    best = ""
    for match in _SERVER.finditer(head):
        between = head[match.end() :]
        if match.group(1) in _INNER:
            continue
        if match.group(2) or _is_open(between):
            best = (match.group(1) or match.group(2)).decode("utf-8", "replace")
    return best


def _is_open(between: bytes) -> bool:
    """Whether the object that begins before is still open behind, at most with its headers or environment begun."""
    return between.count(b"{") - between.count(b"}") in (0, 1)
