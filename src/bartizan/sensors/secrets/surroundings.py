"""What stands around a value: the name it is assigned to, its line, the blocks that enclose it."""

from __future__ import annotations

import re
from functools import cached_property

from bartizan.sensors.secrets.vocabulary import NameSense, Vocabulary

BEFORE = 3000
AFTER = 1500
_BREAK = re.compile(rb"\r?\n|\\r\\n|\\n|\r")
_OPENERS = b" \t\"'`\\([{<$|"
_CONTINUES = (b"=", b"(", b":", b"|", b">", b"-", b"[", b"{", b",", b"\\", b"+")
_CLOSERS = b" \t\"'`\\])}"
_NAME = re.compile(rb"[\w$@./-]*[A-Za-z_][\w$-]*$")
_ENTITY = re.compile(rb"(?:%2[027]|%3[ADad]|&quot;|&#3[49];|\\u00(?:22|27|3[dD])|\\x2[27])$")
_TYPED = re.compile(rb"([A-Za-z_][\w$]*)\??\s*:\s*[\w.\[\]<>|,?&' ]{1,60}$")
_KEY = re.compile(
    rb"""^[\s\-"'{,]*(?:name|key|id|variable|field|env|header|provider|type|title|label)["']?\s*[:=]""", re.IGNORECASE
)
_SECTION = re.compile(rb"^\s*\[+[^\[\]]{1,120}\]+\s*$")
_COMMENT = re.compile(rb"^\s*(?:#|//|--|;|<!--|/?\*)")
_BLOCK = re.compile(rb"""["']?([\w .$/-]{1,80})["']?\s*[:=]?>?\s*$""")


class Surroundings:
    """The text before and after one value, read on demand. All of it lower case but `name_as_written`."""

    def __init__(
        self, data: bytes, start: int, end: int, vocabulary: Vocabulary, path: str = "", whole: bytes = b""
    ) -> None:
        self.value = data[start:end]
        self._file = path.rpartition("/")[2].encode("utf-8", "replace") if whole.strip() == self.value else b""
        self._head = data[max(0, start - BEFORE) : start]
        self._tail = data[end : end + AFTER]
        self._vocabulary = vocabulary

    @cached_property
    def before(self) -> list[bytes]:
        """Logical lines before the value, its own last; escaped line ends count."""
        return _BREAK.split(self._head)

    @cached_property
    def after(self) -> list[bytes]:
        """Logical lines after the value, the rest of its own first."""
        return _BREAK.split(self._tail)

    @cached_property
    def line(self) -> bytes:
        """Its own line up to the value, at most 400 bytes."""
        line = self._head[-400:].rpartition(b"\n")[2]
        return _BREAK.split(line)[-1] if b"\\" in line or b"\r" in line else line

    @cached_property
    def rest(self) -> bytes:
        """Its own line after the value, at most 300 bytes."""
        rest = self._tail[:300].partition(b"\n")[0]
        return _BREAK.split(rest, maxsplit=1)[0] if b"\\" in rest or b"\r" in rest else rest

    @cached_property
    def name_as_written(self) -> bytes:
        """The identifier that the value is assigned to, given to or keyed by; empty when there is none."""
        name = self._own_name or self._file
        if not name or self._vocabulary.sense(name) is NameSense.PLAIN:
            return self._pair_name or name
        return name

    @cached_property
    def sense(self) -> NameSense:
        """What the name says of the value."""
        return self._vocabulary.sense(self.name_as_written)

    @cached_property
    def _own_name(self) -> bytes:
        text = self._without_scheme(_stripped(self.line))
        if not text.strip() and len(self.before) > 1 and self.before[-2].rstrip()[-1:] in _CONTINUES:
            text = _stripped(self.before[-2][-400:])
        bare = text.rstrip(b" \t")
        while bare[-1:] in (b"=", b":", b",", b">", b"?", b"|", b"~"):
            bare = bare[:-1].rstrip(b" \t")
        typed = _TYPED.search(bare) if text.rstrip(b" \t")[-1:] == b"=" else None
        bare = _stripped(bare.rstrip(_CLOSERS)).rstrip(_CLOSERS)
        last = _NAME.search(bare[-160:])
        if typed and not (last and self._is_secret(last.group())):
            return typed.group(1)
        match = _NAME.search(bare[-160:])
        if match and match.group().lower() in self._vocabulary.type_words:
            earlier = bare[: len(bare) - len(match.group())].rstrip(_CLOSERS + b"*:[")
            match = _NAME.search(earlier[-160:]) or match
        return match.group().lstrip(b"-./$@")[-80:] if match else b""

    def _is_secret(self, name: bytes) -> bool:
        return name.lower() not in self._vocabulary.type_words and self._vocabulary.sense(name) is NameSense.SECRET

    def _without_scheme(self, text: bytes) -> bytes:
        """Drop `Bearer` and its like, which stand between a header's name and its token."""
        for scheme in self._vocabulary.schemes:
            if text[-len(scheme) :].lower() == scheme:
                ahead = text[: -len(scheme)]
                if ahead.rstrip(b" ")[-1:] in (b":", b'"', b"'", b"=", b"") or scheme == b"bearer":
                    return _stripped(ahead)
        return text

    @cached_property
    def _pair_name(self) -> bytes:
        """The name beside a `value`: `- name: X` above it, `"name": "X"` before or after it."""
        indent = _indent(self.before[-1])
        near = [self.line, *(line for line in self.before[-2:-4:-1] if abs(_indent(line) - indent) <= 4)]
        near += [line for line in self.after[1:2] if abs(_indent(line) - indent) <= 4]
        for line in near:
            for part in reversed(re.split(rb"[,{;]", line)) if line is self.line else (line,):
                if _KEY.match(part):
                    found = re.findall(rb"[A-Za-z_][\w.-]*", part.partition(b":" if b":" in part else b"=")[2])
                    if found and found[0].lower() not in self._vocabulary.type_words:
                        name: bytes = found[0]
                        return name
        return b""

    @cached_property
    def scopes(self) -> list[bytes]:
        """The openings of enclosing blocks, nearest first: by indentation, by section, by brace, by heading."""
        found: list[bytes] = []
        inline = _open_braces(self.line)
        if inline:
            found.append(inline)
        indent = _indent(self.before[-1])
        above = self.before[-2:-90:-1]
        for index, line in enumerate(above):
            if not line.strip():
                if index == 0:
                    continue
                continue
            if _SECTION.match(line):
                found.append(line)
                break
            depth = _indent(line)
            if depth < indent:
                found.append(line[:300])
                indent = depth
            elif index < 2 and _COMMENT.match(line):
                found.append(line[:300])
            if len(found) > 10:
                break
        return found

    @cached_property
    def near(self) -> bytes:
        """Six lines before and after, at most 800 bytes each way."""
        ahead = b"\n".join(self.before[-7:])[-800:]
        return ahead + b"\n" + b"\n".join(self.after[:7])[:800]

    @cached_property
    def wide(self) -> bytes:
        """A kilobyte each way, as it stands."""
        return self._head[-1024:] + b"\n" + self._tail[:1024]

    @property
    def above(self) -> bytes:
        """The line above, at most 400 bytes."""
        return self._head[: len(self._head) - len(self.line)][-400:].rstrip(b"\r\n").rpartition(b"\n")[2]

    @cached_property
    def own_line(self) -> bytes:
        """The whole line with the value blanked."""
        return self.line + b"*" + self.rest


def _stripped(text: bytes) -> bytes:
    """Without what opens a value: quotes, brackets, blanks, and escaped forms of them."""
    while True:
        shorter = text.rstrip(_OPENERS)
        if shorter[-1:] in (b"b", b"f", b"r", b"u", b"B", b"F", b"R", b"U") and text[len(shorter) :][:1] in (
            b'"',
            b"'",
        ):
            previous = shorter[-2:-1]
            if not previous or not (previous.isalnum() or previous == b"_"):
                shorter = shorter[:-1]
        entity = _ENTITY.search(shorter[-8:])
        if entity and not entity.group().lower().endswith((b"3d", b"3a")):
            shorter = shorter[: -len(entity.group())]
        elif entity:
            shorter = shorter[: -len(entity.group())] + b"="
        if shorter == text:
            return text
        text = shorter


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" \t"))


def _open_braces(line: bytes) -> bytes:
    """Keys of the braces and calls still open at the end of the line."""
    depth = 0
    keys: list[bytes] = []
    for index in range(len(line) - 1, -1, -1):
        char = line[index]
        if char in b"}])":
            depth += 1
        elif char in b"{[(":
            if depth:
                depth -= 1
            else:
                match = _BLOCK.search(line[max(0, index - 90) : index])
                if match:
                    keys.append(match.group(1))
    return b" ".join(keys)
