"""Markdown cut into the parts that a reader, human or model, tells apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LINES = 40_000
MAX_LINE = 20_000

_FENCE = re.compile(r"^\s{0,12}(?:[-*>]\s+)?(`{3,}|~{3,})\s*([\w+#.-]*)")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)[^`\n]*<!--[^`\n]*-->[^`\n]*\1(?!`)")
"""A code span that shows a whole comment."""
_INDENTED = re.compile(r"^(?: {4}|\t)\s*\S")
_LINK_COMMENT = re.compile(r"^\s*\[(?://|comment|_?)\]:\s*(?:#|<>)?\s*[(\"'](.*)[)\"']\s*$", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?。！？])[\"')\]*_`]*\s+(?=[^a-z\s])|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a document.

    `kind` is `front` (front matter, one line each), `heading`, `prose` (one sentence), `table` (one row), `quote`,
    `comment` or `code` (a whole fence, `language` from its info string, lower-case). `section` is the way of
    headings above it below the title, `lead` the sentence before a fence, `line` counts from 1.
    """

    kind: str
    text: str
    line: int
    section: str = ""
    language: str = ""
    lead: str = ""


def read_markdown(text: str) -> Iterator[Part]:
    """Cut a document into its parts, in order; comments come first. Text past `MAX_LINES` lines is left out."""
    text, comments = _without_comments(text)
    yield from comments
    yield from _Reader().read(text.split("\n")[:MAX_LINES])


def front_matter(text: str) -> tuple[str, int]:
    """The YAML between the leading `---` lines and the number of lines it takes with them; empty when there is none."""
    lines = text.lstrip("\ufeff").split("\n", 400)
    if lines[0].rstrip() != "---":
        return "", 0
    for index, line in enumerate(lines[1:400], 1):
        if line.rstrip() in ("---", "..."):
            return "\n".join(lines[1:index]), index + 1
    return "", 0


def sentences(text: str) -> list[str]:
    """Split prose after full stops of the scripts that have them."""
    return [piece for piece in _SENTENCE.split(text) if piece and piece.strip()]


def _without_comments(text: str) -> tuple[str, list[Part]]:
    """Blank comments out, keeping line numbers. Comments inside fences and code spans are shown and stay."""
    if "<!--" not in text:
        return text, []
    shown = [match.span() for match in _SPAN.finditer(text)]
    fenced = _fenced_spans(text)
    comments: list[Part] = []

    def taken(match: re.Match[str]) -> str:
        if any(start <= match.start() < stop for start, stop in (*fenced, *shown)):
            return match.group(0)
        comments.append(Part("comment", match.group(1).strip(), text.count("\n", 0, match.start()) + 1))
        return re.sub(r"[^\n]", " ", match.group(0))

    return _COMMENT.sub(taken, text), comments


def _fenced_spans(text: str) -> list[tuple[int, int]]:
    spans, start, mark, offset = [], -1, "", 0
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found and start < 0:
            start, mark = offset, found.group(1)
        elif found and found.group(1).startswith(mark) and not found.group(2):
            spans.append((start, offset + len(line)))
            start = -1
        offset += len(line) + 1
    if start >= 0:
        spans.append((start, offset))
    return spans


class _Reader:
    """Holds where in the document the reader is."""

    def __init__(self) -> None:
        self._headings: list[tuple[int, str]] = []
        self._block: list[tuple[int, str]] = []
        self._lead = ""
        self._in_list = False

    def read(self, lines: list[str]) -> Iterator[Part]:
        index = 0
        _, skipped = front_matter("\n".join(lines[:400]))
        for number in range(1, skipped - 1):
            yield Part("front", lines[number], number + 1)
        index = skipped
        while index < len(lines):
            line = lines[index][:MAX_LINE]
            fence = _FENCE.match(line)
            if fence:
                yield from self._flush()
                stop = _end_of_fence(lines, index, fence.group(1))
                body = "\n".join(each[:MAX_LINE] for each in lines[index + 1 : stop])
                yield Part("code", body, index + 2, self._section(), fence.group(2).lower(), self._lead)
                index = stop + 1
                continue
            stop = index if self._block or self._in_list else _end_of_indent(lines, index)
            if stop > index:
                body = "\n".join(each[:MAX_LINE].removeprefix("\t").removeprefix("    ") for each in lines[index:stop])
                yield Part("code", body, index + 1, self._section(), "", self._lead)
                index = stop
                continue
            yield from self._take(line, index + 1)
            index += 1
        yield from self._flush()

    def _take(self, line: str, number: int) -> Iterator[Part]:
        heading, hidden = _HEADING.match(line), _LINK_COMMENT.match(line)
        if line.strip() and not line[0].isspace():
            self._in_list = bool(_ITEM.match(line)) or (self._in_list and bool(self._block))
        if heading:
            yield from self._flush()
            level = len(heading.group(1))
            self._headings = [item for item in self._headings if item[0] < level]
            yield Part("heading", heading.group(2), number, self._section())
            self._headings.append((level, heading.group(2)))
            self._lead = heading.group(2)
        elif hidden:
            yield Part("comment", hidden.group(1), number, self._section())
        elif not line.strip():
            yield from self._flush()
        elif line.lstrip().startswith("|"):
            yield from self._flush()
            yield Part("table", line.strip(), number, self._section())
        elif line.lstrip().startswith(">"):
            yield from self._flush()
            yield Part("quote", line.lstrip().lstrip("> "), number, self._section())
        else:
            if _ITEM.match(line):
                yield from self._flush()
            self._block.append((number, _ITEM.sub("", line).strip()))

    def _flush(self) -> Iterator[Part]:
        """The gathered lines as sentences, each with the line on which it begins."""
        if not self._block:
            return
        text = " ".join(piece for _, piece in self._block)
        starts, offset = [], 0
        for number, piece in self._block:
            starts.append((offset, number))
            offset += len(piece) + 1
        self._block = []
        position = 0
        for sentence in sentences(text):
            position = max(text.find(sentence, position), 0)
            line = next(number for start, number in reversed(starts) if start <= position)
            yield Part("prose", sentence.strip(), line, self._section(), lead=self._lead)
            self._lead = sentence.strip()

    def _section(self) -> str:
        return " / ".join(text for level, text in self._headings if level > 1)


def _end_of_indent(lines: list[str], start: int) -> int:
    """The line after a block of code that is marked by its indent alone; `start` when none begins there."""
    stop = start
    for index in range(start, len(lines)):
        if _INDENTED.match(lines[index][:MAX_LINE]):
            stop = index + 1
        elif lines[index].strip():
            break
    return stop


def _end_of_fence(lines: list[str], start: int, mark: str) -> int:
    for index in range(start + 1, len(lines)):
        found = _FENCE.match(lines[index])
        if found and found.group(1).startswith(mark) and not found.group(2):
            return index
    return len(lines)
