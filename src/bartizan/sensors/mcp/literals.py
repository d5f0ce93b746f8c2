"""Secrets written in clear into a server's entry: environment, arguments, address, headers."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.model.document import Keys
from bartizan.rules.entry import ServerEntry, Word
from bartizan.rules.secretvalue import Literal, SecretShapes

Found = tuple[Keys, str, Literal]
"""The way to the value, where it stands in words, and the literal."""


def literals(entry: ServerEntry, shapes: SecretShapes) -> Iterator[Found]:
    """Every literal secret of the entry, each once at its place."""
    seen: set[tuple[Keys, str]] = set()
    for way, place, literal in _all(entry, shapes):
        if (way, literal.value) not in seen:
            seen.add((way, literal.value))
            yield way, place, literal


def _all(entry: ServerEntry, shapes: SecretShapes) -> Iterator[Found]:
    for name, word in entry.environment:
        place = f"environment variable {name}"
        if literal := shapes.typed(word.text) or shapes.named(name, word.text):
            yield word.way, place, literal
        else:
            yield from ((word.way, place, found) for found in shapes.in_address(word.text))
    for name, word in entry.headers:
        if literal := shapes.header(name, word.text) or shapes.typed(word.text):
            yield word.way, f"header {name}", literal
    if entry.url is not None:
        yield from _in_word(entry.url, "address", shapes)
    yield from _arguments(entry.argv, shapes)
    for name, word in entry.fields:
        if literal := shapes.typed(word.text) or shapes.named(name, word.text):
            yield word.way, f"setting {name}", literal


def _arguments(argv: tuple[Word, ...], shapes: SecretShapes) -> Iterator[Found]:
    option = ""
    for word in argv:
        name, sign, value = word.text.partition("=")
        header, colon, content = word.text.partition(":")
        found: Literal | None = None
        if sign and name.startswith("-"):
            found = shapes.option(name, value)
        elif sign and option in ("-e", "--env"):
            found = shapes.named(name, value)
        elif option and not word.text.startswith("-"):
            found = shapes.option(option, word.text)
        if found is None and colon and "://" not in word.text:  # mcp-remote --header "Authorization: Bearer …"
            found = shapes.header(header.strip(), content.strip())
        if found is not None:
            yield word.way, "argument", found
        else:
            yield from _in_word(word, "argument", shapes)
        option = word.text if word.text.startswith("-") and not sign else ""


def _in_word(word: Word, place: str, shapes: SecretShapes) -> Iterator[Found]:
    if literal := shapes.typed(word.text):
        yield word.way, place, literal
    else:
        yield from ((word.way, place, found) for found in shapes.in_address(word.text))
