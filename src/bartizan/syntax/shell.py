"""Shell scripts cut into commands, with simple variables written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_COMMANDS = 20_000
MAX_COMMAND = 8_000

_ASSIGNMENT = re.compile(
    r"^\s*(?:export\s+|local\s+|readonly\s+|declare\s+(?:-\w+\s+)*)?([A-Za-z_]\w*)=(.*)$", re.DOTALL
)
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)[^}]*\}|([A-Za-z_]\w*))")
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")


@dataclass(frozen=True, slots=True)
class Command:
    """One command line with its pipes. `text` has variables written out, `line` counts from 1."""

    text: str
    line: int
    comment: bool = False


def read_shell(text: str) -> Iterator[Command]:
    """Cut a script into commands: continuation lines joined, `;`, `&&` and `||` parted, comments set apart.

    A variable that holds a text or the output of a command is written out where it is used, so that what a script
    reads on one line and sends on another stands in one command.
    """
    known: dict[str, str] = {}
    for count, (line, raw) in enumerate(_logical_lines(text)):
        if count >= MAX_COMMANDS:
            return
        code, comment = _parted_comment(raw)
        if comment:
            yield Command(comment, line, comment=True)
        for piece in _commands(code):
            written = _written_out(piece, known)
            assigned = _ASSIGNMENT.match(piece)
            if assigned and len(known) < 500:
                known[assigned.group(1)] = _written_out(assigned.group(2), known)[:600]
            yield Command(written, line)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Joined lines with the number of their first; a here-document's body belongs to its command."""
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        start, line = index, lines[index][:MAX_COMMAND]
        while line.endswith("\\") and index + 1 < len(lines) and len(line) < MAX_COMMAND:
            index += 1
            line = line[:-1] + " " + lines[index].strip()
        heredoc = _HEREDOC.search(line)
        if heredoc and not line.lstrip().startswith("#"):
            stop = index + 1
            while stop < len(lines) and lines[stop].strip() != heredoc.group(2) and stop - index < 400:
                stop += 1
            line = (line + "\n" + "\n".join(lines[index + 1 : stop]))[:MAX_COMMAND]
            index = stop
        yield start + 1, line
        index += 1


def _parted_comment(line: str) -> tuple[str, str]:
    stripped = line.strip()
    if stripped.startswith("#"):
        return "", "" if stripped.startswith("#!") else stripped.lstrip("# ")
    found = re.search(r"\s#\s(.*)$", line) if "\n" not in line else None
    if found and line[: found.start()].count('"') % 2 == 0 and line[: found.start()].count("'") % 2 == 0:
        return line[: found.start()], found.group(1)
    return line, ""


def _commands(line: str) -> Iterator[str]:
    """Part at `;`, `&&`, `||` outside quotes and substitutions."""
    if "\n" in line or len(line) > 4000:
        yield line.strip()
        return
    depth, quote, start, index = 0, "", 0, 0
    while index < len(line):
        char = line[index]
        if char == "\\":
            index += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "({":
            depth += 1
        elif char in ")}":
            depth = max(0, depth - 1)
        elif depth == 0 and (char == ";" or line.startswith(("&&", "||"), index)):
            yield from (piece for piece in (line[start:index].strip(),) if piece)
            index += 0 if char == ";" else 1
            start = index + 1
        index += 1
    rest = line[start:].strip()
    if rest:
        yield rest


def _written_out(text: str, known: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return known.get(match.group(1) or match.group(2), match.group(0))

    return _VARIABLE.sub(value, text)[:MAX_COMMAND] if known and "$" in text else text
