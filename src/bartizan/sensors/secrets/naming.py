"""The name of a value: what it is assigned to, given to or keyed by, in any syntax."""

from __future__ import annotations

import re
from collections.abc import Callable

from bartizan.sensors.secrets.vocabulary import NameSense, Vocabulary

_OPENERS = b" \t\"'`\\([{<$|"
_CONTINUES = (b"=", b"(", b":", b"|", b">", b"-", b"[", b"{", b",", b"\\", b"+")
_CLOSERS = b" \t\"'`\\])}"
_NAME = re.compile(rb"[\w$@./-]*[A-Za-z_][\w$-]*$")
_ENTITY = re.compile(
    rb"(?:(?:\\u001b|\\x1b|\x1b)\[[0-9;]{0,6}m|%2[027]|%3[ADad]|&quot;|&#3[49];|\\u00(?:22|27|3[dD])|\\x2[27])$"
)
_TYPED = re.compile(rb"([A-Za-z_][\w$]*)\??\s*:\s*[\w.\[\]<>|,?&' ]{1,60}$")
_KEY = re.compile(
    rb"""^[\s\-"'{,]*(?:name|key|id|variable|field|env|header|provider|type|title|label)["']?\s*[:=]""", re.IGNORECASE
)
_TAG = re.compile(
    rb"""<([\w:.-]{1,60})((?:\s{1,20}[\w:.-]{1,40}\s?=\s?(?:"[^"<]{0,200}"|'[^'<]{0,200}')){0,8})\s{0,20}>\s{0,20}$"""
)
"""The opening tag of an XML element that holds the value."""
_ATTRIBUTE = re.compile(rb"""\b(?:name|key|id)\s?=\s?["']([\w.:-]{1,80})["']""", re.IGNORECASE)
_CELL = re.compile(rb">\s?([\w .:-]{1,80}?)\s?<\\?/[\w:.-]{1,40}>\s{0,40}$")
"""The element before: a key of a property list, the cell to the left."""
_DEFAULT = re.compile(rb"\{([A-Za-z_]\w{0,80}):?[-=]$")
"""`${NAME:-`, after which a shell's default stands."""
_CALL = re.compile(rb"""([A-Za-z_]\w{0,80})\??\s*(?::\s*[\w.\[\]|, ]{1,60})?=\s*[\w.]{1,60}\([^()]{0,200}$""")
"""`name: type = Field(default=`."""
_COMPARED = re.compile(rb"""([A-Za-z_][\w.]{0,80})\([^()]{0,200}\)\s{0,4}[=!]==?\s{0,4}[bru]?["']$""")
"""`key_hash("cohere") == "`: the function says what the value is, not what it is given."""
_YAML_TAG = re.compile(rb":\s{1,4}![\w!./:-]{0,60}$")
GROUP = re.compile(rb"""\((\w*(?: [\w,]+)*)\) = "$""")
"""The names around a constant of bytecode, as `bytecode` writes them."""


class Naming:
    """Reads names off the value's line up to it, and off the logical lines around, which `lines` gives on demand."""

    def __init__(
        self, line: bytes, lines: Callable[[], tuple[list[bytes], list[bytes]]], vocabulary: Vocabulary
    ) -> None:
        self._line = line
        self._lines = lines
        self._vocabulary = vocabulary

    def own(self) -> bytes:
        """The identifier before the value; empty when there is none."""
        tag = _TAG.search(self._line) if self._line.rstrip(b" \t")[-1:] == b">" else None
        if tag:
            return self._tag_name(tag)
        compared = _COMPARED.search(self._line)
        if compared:
            return compared.group(1)
        group = GROUP.search(self._line)
        if group:
            return self._of_group(group.group(1))
        text = self._without_scheme(_stripped(self._line))
        if _YAML_TAG.search(text[-70:]):
            text = text[: text.rindex(b"!")]
        if not text.strip() and len(self._lines()[0]) > 1 and self._lines()[0][-2].rstrip()[-1:] in _CONTINUES:
            text = _stripped(self._lines()[0][-2][-400:])
        bare = _DEFAULT.sub(rb"\1", text.rstrip(b" \t"))
        while bare[-1:] in (b"=", b":", b",", b">", b"?", b"|", b"~"):
            bare = bare[:-1].rstrip(b" \t")
        typed = _TYPED.search(bare) if text.rstrip(b" \t")[-1:] == b"=" else None
        bare = _stripped(bare.rstrip(_CLOSERS)).rstrip(_CLOSERS)
        last = _NAME.search(bare[-160:])
        if typed and not (last and self.is_secret(last.group())):
            return typed.group(1)
        match = _NAME.search(bare[-160:])
        if match and match.group().lower() in self._vocabulary.type_words:
            earlier = bare[: len(bare) - len(match.group())].rstrip(_CLOSERS + b"*:[")
            match = _NAME.search(earlier[-160:]) or match
        if match and self._vocabulary.is_connective(match.group()):
            match = self._spoken_name(bare[: len(bare) - len(match.group())]) or match
        return match.group().lstrip(b"-./$@")[-80:] if match else b""

    def _spoken_name(self, text: bytes) -> re.Match[bytes] | None:
        """The name before words that join it to its value: `Incorrect API key provided: …`."""
        for _ in range(3):
            match = _NAME.search(text.rstrip(b" \t:,'\"`*")[-160:])
            if not match or not self._vocabulary.is_connective(match.group()):
                return match if match and self.is_secret(match.group()) else None
            text = text[: text.rindex(match.group())]
        return None

    def _of_group(self, names: bytes) -> bytes:
        """Of the names that a compiled function or module uses, the last that says secret."""
        every = names.split()
        return next((name for name in reversed(every) if self.is_secret(name)), every[-1] if every else b"")

    def _tag_name(self, tag: re.Match[bytes]) -> bytes:
        """What an XML element says of its content: its attribute, the key before it, or its own name."""
        name = _ATTRIBUTE.search(tag.group(2))
        if name or self.is_secret(tag.group(1)):
            return name.group(1) if name else tag.group(1)
        lines = self._lines()[0]
        ahead = self._line[: tag.start()] if self._line[: tag.start()].strip() or len(lines) < 2 else lines[-2][-200:]
        key = _CELL.search(ahead)
        return key.group(1).replace(b" ", b"_") if key else tag.group(1)

    def is_secret(self, name: bytes) -> bool:
        """Whether the name says so, and is no word for a type."""
        return name.lower() not in self._vocabulary.type_words and self._vocabulary.sense(name) is NameSense.SECRET

    def _without_scheme(self, text: bytes) -> bytes:
        """Drop `Bearer` and its like, which stand between a header's name and its token."""
        for scheme in self._vocabulary.schemes:
            if text[-len(scheme) :].lower() == scheme:
                ahead = text[: -len(scheme)]
                if ahead.rstrip(b" ")[-1:] in (b":", b'"', b"'", b"=", b"") or scheme == b"bearer":
                    return _stripped(ahead)
        return text

    def pair(self) -> bytes:
        """The name beside a `value`: `- name: X` above it, `"name": "X"` before or after it."""
        before, after = self._lines()
        indent = indentation(before[-1])
        near = [self._line, *(line for line in before[-2:-4:-1] if abs(indentation(line) - indent) <= 4)]
        near += [line for line in after[1:2] if abs(indentation(line) - indent) <= 4]
        for line in near:
            for part in reversed(re.split(rb"[,{;]", line)) if line is self._line else (line,):
                if _KEY.match(part):
                    found = re.findall(rb"[A-Za-z_][\w.-]*", part.partition(b":" if b":" in part else b"=")[2])
                    if found and found[0].lower() not in self._vocabulary.type_words:
                        name: bytes = found[0]
                        return name
        call = _CALL.search(self._line)
        return call.group(1) if call and self.is_secret(call.group(1)) else b""


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
        entity = _ENTITY.search(shorter[-14:])
        if entity and not entity.group().lower().endswith((b"3d", b"3a")):
            shorter = shorter[: -len(entity.group())]
        elif entity:
            shorter = shorter[: -len(entity.group())] + b"="
        if shorter == text:
            return text
        text = shorter


def indentation(line: bytes) -> int:
    """Blanks and tabs at the beginning."""
    return len(line) - len(line.lstrip(b" \t"))
