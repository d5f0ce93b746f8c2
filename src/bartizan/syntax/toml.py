"""TOML 1.0: values from the standard library, places from a scan of the text it has accepted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from bartizan.model.document import Keys
from bartizan.model.errors import LimitError, SourceError
from bartizan.syntax.written import Lazily, Lines, Place, Tree, bounded_depth

MAX_TEXT = 8 << 20
_GAP = re.compile(r"(?:[ \t\r\n]+|\#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""+|\'\'\'.*?\'\'\'+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}\n#]*")
_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_toml(text: str) -> Tree:
    """Read a TOML text. Dates become ISO text. Raises SourceError beginning with `line N:`, LimitError for size."""
    if len(text) > MAX_TEXT:
        raise LimitError(f"TOML of more than {MAX_TEXT >> 20} MiB is not parsed")
    try:
        value = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = found[1] if found else str(text.count("\n") + 1)
        raise SourceError(f"line {line}: not TOML: {_LINE.sub('', str(error)).split('(')[0].strip()}") from None
    except RecursionError:
        raise SourceError("line 1: not TOML: nested too deeply") from None
    except ValueError as error:
        raise SourceError(f"line 1: not TOML: {str(error).splitlines()[0]}") from None
    bounded_depth(value)
    scan = _Scan(text)
    return Tree(value, Lazily(scan.of_values), Lazily(scan.of_keys))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | time) else value


class _Scan:
    """Finds keys and values in a text that is known to be TOML."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = Lines(text)
        self._places: dict[Keys, Place] = {}
        self._keys: dict[Keys, Place] = {}
        self._lengths: dict[Keys, int] = {}

    def of_values(self) -> Mapping[Keys, Place]:
        self._run()
        return self._places

    def of_keys(self) -> Mapping[Keys, Place]:
        self._run()
        return self._keys

    def _run(self) -> None:
        if self._places:
            return
        self._places[()] = (1, 1)
        table: Keys = ()
        at = self._skip(0)
        while at < len(self._text):
            start = at
            if self._text[at] == "[":
                array = self._text.startswith("[[", at)
                table, at = self._header(at + 1 + array, array)
                at += 1 + array
            else:
                at = self._pair(at, table)
            at = self._skip(at)
            if at <= start:
                return

    def _skip(self, at: int) -> int:
        match = _GAP.match(self._text, at)
        return match.end() if match else at

    def _note(self, table: dict[Keys, Place], way: Keys, at: int) -> None:
        table.setdefault(way, self._lines.place(at))

    def _steps(self, at: int) -> tuple[list[tuple[str, int]], int]:
        """The parts of a dotted key with their offsets."""
        steps: list[tuple[str, int]] = []
        while True:
            at = self._skip(at)
            if quoted := _STRING.match(self._text, at):
                steps.append((tomllib.loads(f"k={quoted[0]}")["k"], at))
                at = quoted.end()
            elif bare := _BARE.match(self._text, at):
                steps.append((bare[0], at))
                at = bare.end()
            at = self._skip(at)
            if self._text[at : at + 1] != ".":
                return steps, at
            at += 1

    def _inside(self, way: Keys) -> Keys:
        """A table that is an array stands for its last element."""
        return (*way, self._lengths[way] - 1) if way in self._lengths else way

    def _header(self, at: int, array: bool) -> tuple[Keys, int]:
        steps, at = self._steps(at)
        way: Keys = ()
        for index, (name, offset) in enumerate(steps):
            way = (*self._inside(way), name)
            self._note(self._keys, way, offset)
            if array and index == len(steps) - 1:
                self._lengths[way] = self._lengths.get(way, 0) + 1
            self._note(self._places, way, offset)
        way = self._inside(way)
        if steps:
            self._note(self._places, way, steps[-1][1])
        return way, at

    def _pair(self, at: int, table: Keys) -> int:
        steps, at = self._steps(at)
        way = table
        for index, (name, offset) in enumerate(steps):
            way = (*way, name)
            self._note(self._keys, way, offset)
            if index < len(steps) - 1:
                self._note(self._places, way, offset)
        return self._value(self._skip(at + 1), way)

    def _value(self, at: int, way: Keys) -> int:
        self._note(self._places, way, at)
        sign = self._text[at : at + 1]
        if string := _STRING.match(self._text, at):
            return string.end()
        if sign not in ("[", "{"):
            plain = _PLAIN.match(self._text, at)
            return plain.end() if plain else at
        closing, count = ("]" if sign == "[" else "}"), 0
        at = self._skip(at + 1)
        while at < len(self._text) and self._text[at] != closing:
            at = self._value(at, (*way, count)) if sign == "[" else self._pair(at, way)
            count += 1
            at = self._skip(at)
            if self._text[at : at + 1] == ",":
                at = self._skip(at + 1)
        return at + 1
