"""JSON as people write it: with comments, trailing commas, single quotes and bare keys, and where each value stands.

Strict JSON is read by the standard library and its places only when asked for; the reader here takes the rest:
RFC 8259 with the leniency of JSONC and the parts of JSON5 (5.2 quotes, 3.1 keys, 6 numbers) seen in configurations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from bartizan.model.document import Keys
from bartizan.model.errors import LimitError, SourceError
from bartizan.syntax.written import MAX_DEPTH, Lazily, Lines, Place, Tree, bounded_depth

MAX_STRICT = 64 << 20
MAX_LENIENT = 8 << 20
MAX_PLACES = 400_000
"""Values beyond it have the place of their parent."""
_GAP = re.compile(r"(?:[ \t\r\n\f\v\ufeff\xa0\u2028\u2029]+|//[^\n]*|/\*.*?\*/|\#[^\n]*)*", re.DOTALL)
_DOUBLE = re.compile(r'"([^"\\\n]*(?:\\.[^"\\\n]*)*)"', re.DOTALL)
_SINGLE = re.compile(r"'([^'\\\n]*(?:\\.[^'\\\n]*)*)'", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|Infinity|NaN)")
_WORD = re.compile(r"[A-Za-z_$][\w$-]*")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_LONE = re.compile(r"[\ud800-\udfff]")
_PAIR = re.compile(r"([\ud800-\udbff])([\udc00-\udfff])")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_CONSTANTS = {"true": True, "false": False, "null": None, "Infinity": float("inf"), "NaN": float("nan")}


def read_json(text: str) -> Tree:
    """Read one JSON value. Raises SourceError beginning with `line N:` when it is none, LimitError for its size."""
    if len(text) > MAX_STRICT:
        raise LimitError(f"JSON of more than {MAX_STRICT >> 20} MiB is not parsed")
    if "\\ud" not in text and "\\uD" not in text:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return _read_leniently(text)
        bounded_depth(value)
        places = _Places(text)
        return Tree(value, Lazily(places.of_values), Lazily(places.of_keys))
    return _read_leniently(text)


def _read_leniently(text: str) -> Tree:
    if len(text) > MAX_LENIENT:
        raise LimitError(f"JSON with mistakes or comments of more than {MAX_LENIENT >> 20} MiB is not parsed")
    reader = _Reader(text)
    value = reader.read_whole()
    return Tree(value, reader.places, reader.keys)


class _Places:
    """Reads the text a second time for the places."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._reader: _Reader | None = None

    def _read(self) -> _Reader:
        if self._reader is None:
            self._reader = _Reader(self._text)
            if len(self._text) <= MAX_LENIENT:
                self._reader.read_whole()
        return self._reader

    def of_values(self) -> Mapping[Keys, Place]:
        return self._read().places

    def of_keys(self) -> Mapping[Keys, Place]:
        return self._read().keys


class _Reader:
    """Recursive descent over one text; `MAX_DEPTH` bounds the recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text)
        self.places: dict[Keys, Place] = {}
        self.keys: dict[Keys, Place] = {}

    def read_whole(self) -> Any:
        value, at = self._value(self._skip(0), (), 0)
        at = self._skip(at)
        if at < len(self.text):
            self._fail(at, "something follows the value")
        return value

    def _fail(self, at: int, what: str) -> NoReturn:
        raise SourceError(f"line {self.lines.place(at)[0]}: not JSON: {what}")

    def _skip(self, at: int) -> int:
        match = _GAP.match(self.text, at)
        return match.end() if match else at

    def _value(self, at: int, way: Keys, depth: int) -> tuple[Any, int]:
        text = self.text
        if at >= len(text):
            self._fail(at, "the text ends where a value is due")
        if depth > MAX_DEPTH:
            self._fail(at, f"nested deeper than {MAX_DEPTH} levels")
        if len(self.places) < MAX_PLACES:
            self.places[way] = self.lines.place(at)
        sign = text[at]
        if sign == "{":
            return self._mapping(at, way, depth)
        if sign == "[":
            return self._list(at, way, depth)
        if sign in "\"'":
            return self._string(at)
        if match := _NUMBER.match(text, at):
            return self._number(match[0], at), match.end()
        match = _WORD.match(text, at)
        if match is None or match[0] not in _CONSTANTS:
            self._fail(at, f"{(text[at : at + 12].split() or [sign])[0]!r} is no value")
        return _CONSTANTS[match[0]], match.end()

    def _mapping(self, at: int, way: Keys, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "}":
            start = at
            key, at = self._key(at)
            at = self._skip(at)
            if self.text[at : at + 1] != ":":
                self._fail(at, f"a colon is due after the key {key[:40]!r}")
            if len(self.keys) < MAX_PLACES:
                self.keys[(*way, key)] = self.lines.place(start)
            found[key], at = self._value(self._skip(at + 1), (*way, key), depth + 1)
            at = self._end_of_item(at, "}")
        return found, at + 1

    def _list(self, at: int, way: Keys, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = self._skip(at + 1)
        while self.text[at : at + 1] != "]":
            value, at = self._value(at, (*way, len(found)), depth + 1)
            found.append(value)
            at = self._end_of_item(at, "]")
        return found, at + 1

    def _end_of_item(self, at: int, closing: str) -> int:
        at = self._skip(at)
        sign = self.text[at : at + 1]
        if sign == ",":
            return self._skip(at + 1)
        if sign != closing:
            self._fail(at, f"a comma or {closing!r} is due")
        return at

    def _key(self, at: int) -> tuple[str, int]:
        if self.text[at : at + 1] in ('"', "'"):
            return self._string(at)
        match = _WORD.match(self.text, at)
        if match is None:
            self._fail(at, "a key is due")
        return match[0], match.end()

    def _string(self, at: int) -> tuple[str, int]:
        match = (_DOUBLE if self.text[at] == '"' else _SINGLE).match(self.text, at)
        if match is None:
            self._fail(at, "the string does not end")
        inner = match[1]
        if "\\" in inner:
            inner = _PAIR.sub(_joined, _ESCAPE.sub(_unescaped, inner))
            inner = _LONE.sub("\ufffd", inner)
        return inner, match.end()

    def _number(self, digits: str, at: int) -> int | float:
        try:
            if "x" in digits or "X" in digits:
                return int(digits, 16)
            if digits.lstrip("+-").isdigit():
                return int(digits)
            return float(digits.replace("Infinity", "inf"))
        except ValueError:
            self._fail(at, "the number is too long")


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if code[0] in "ux" and len(code) > 1:
        return chr(int(code[1:], 16))
    return _SHORT.get(code, code)


def _joined(match: re.Match[str]) -> str:
    return chr(0x10000 + ((ord(match[1]) & 0x3FF) << 10 | ord(match[2]) & 0x3FF))
