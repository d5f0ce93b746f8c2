"""What stands around a value: the name it is assigned to, its line, the blocks that enclose it."""

from __future__ import annotations

import re
from functools import cached_property

from bartizan.sensors.secrets.siblings import pairs, siblings
from bartizan.sensors.secrets.vocabulary import NameSense, Vocabulary

_HOST = re.compile(rb"""(?i)(?:https?:(?:\\?/){2}|\b(?:host|authority)["']?\s?:\s?["']?)([\w-]+(?:\.[\w-]+)+)""")
BEFORE = 3000
AFTER = 1500
_BREAK = re.compile(rb"\r?\n|\\r\\n|\\n|\r")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
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
_IDENTIFIER = re.compile(rb"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+){1,6}")
_COMPARED = re.compile(rb"""([A-Za-z_][\w.]{0,80})\([^()]{0,200}\)\s{0,4}[=!]==?\s{0,4}[bru]?["']$""")
"""`key_hash("cohere") == "`: the function says what the value is, not what it is given."""
_GROUP = re.compile(rb"""\((\w*(?: [\w,]+)*)\) = "$""")
"""The names around a constant of bytecode, as `bytecode` writes them."""
_YAML_TAG = re.compile(rb":\s{1,4}![\w!./:-]{0,60}$")
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
        tag = _TAG.search(self.line) if self.line.rstrip(b" \t")[-1:] == b">" else None
        if tag:
            return self._tag_name(tag)
        compared = _COMPARED.search(self.line)
        if compared:
            return compared.group(1)
        group = _GROUP.search(self.line)
        if group:
            return self._of_group(group.group(1))
        text = self._without_scheme(_stripped(self.line))
        if _YAML_TAG.search(text[-70:]):
            text = text[: text.rindex(b"!")]
        if not text.strip() and len(self.before) > 1 and self.before[-2].rstrip()[-1:] in _CONTINUES:
            text = _stripped(self.before[-2][-400:])
        bare = _DEFAULT.sub(rb"\1", text.rstrip(b" \t"))
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
        if match and self._vocabulary.is_connective(match.group()):
            match = self._spoken_name(bare[: len(bare) - len(match.group())]) or match
        return match.group().lstrip(b"-./$@")[-80:] if match else b""

    def _spoken_name(self, text: bytes) -> re.Match[bytes] | None:
        """The name before words that join it to its value: `Incorrect API key provided: …`."""
        for _ in range(3):
            match = _NAME.search(text.rstrip(b" \t:,'\"`*")[-160:])
            if not match or not self._vocabulary.is_connective(match.group()):
                return match if match and self._is_secret(match.group()) else None
            text = text[: text.rindex(match.group())]
        return None

    def _of_group(self, names: bytes) -> bytes:
        """Of the names that a compiled function or module uses, the last that says secret."""
        every = names.split()
        return next((name for name in reversed(every) if self._is_secret(name)), every[-1] if every else b"")

    def _tag_name(self, tag: re.Match[bytes]) -> bytes:
        """What an XML element says of its content: its attribute, the key before it, or its own name."""
        name = _ATTRIBUTE.search(tag.group(2))
        if name or self._is_secret(tag.group(1)):
            return name.group(1) if name else tag.group(1)
        lines = self.before
        ahead = self.line[: tag.start()] if self.line[: tag.start()].strip() or len(lines) < 2 else lines[-2][-200:]
        key = _CELL.search(ahead)
        return key.group(1).replace(b" ", b"_") if key else tag.group(1)

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
        call = _CALL.search(self.line)
        return call.group(1) if call and self._is_secret(call.group(1)) else b""

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
    def siblings(self) -> bytes:
        """Settings beside the value that may name its provider: in the same braces or call, else as far indented."""
        own = siblings(self._head, self._tail) or self._neighbour_lines()
        named = (pair for pair in own if self._vocabulary.is_naming(pair[0]))
        return b"\n".join(b'"%b"' % value.strip() for _, value in named)

    def _neighbour_lines(self) -> list[tuple[bytes, bytes]]:
        indent = _depth(self.before[-1])
        found: list[tuple[bytes, bytes]] = []
        for lines in (self.before[-2:-14:-1], self.after[1:13]):
            for line in lines:
                depth = _depth(line)
                if not line.strip() or depth < indent or _SECTION.match(line):
                    break
                if depth == indent:
                    found += pairs(line)
        return found

    @cached_property
    def address(self) -> bytes:
        """The host that was spoken of last before the value: in an address or a header."""
        found = _HOST.findall(self._head)
        return found[-1] if found else b""

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
    def holds_name(self) -> bool:
        """Whether the value is itself a name of a secret: `default = "other_api_key"`."""
        return _IDENTIFIER.fullmatch(self.value) is not None and self._is_secret(self.value)

    @property
    def is_grouped(self) -> bool:
        """Whether its name is only one of those that compiled code uses around it."""
        return _GROUP.search(self.line) is not None

    @property
    def is_tail(self) -> bool:
        """Whether a longer random token leads up to the value, parted from it by nothing but `-` or `_`."""
        ahead = self._head[-60:]
        ahead = ahead[len(ahead.rstrip(_BASE64 + b"-_")) :]
        digits, letters = ahead.translate(None, _LETTERS), ahead.translate(None, b"0123456789+/-_")
        return len(ahead) >= 8 and digits.strip(b"+/-_") != b"" and letters not in (letters.lower(), letters.upper())

    @property
    def is_part(self) -> bool:
        """Whether the value is a stretch of longer base64, parted from the rest by `+` or `/`."""
        ahead = self._head[-60:]
        ahead = ahead[len(ahead.rstrip(_BASE64)) :]
        behind = self._tail[:60]
        behind = behind[: len(behind) - len(behind.lstrip(_BASE64))]
        return b"+" in ahead + behind or len(ahead) + len(behind) > 40

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
        entity = _ENTITY.search(shorter[-14:])
        if entity and not entity.group().lower().endswith((b"3d", b"3a")):
            shorter = shorter[: -len(entity.group())]
        elif entity:
            shorter = shorter[: -len(entity.group())] + b"="
        if shorter == text:
            return text
        text = shorter


def _depth(line: bytes) -> int:
    """Indentation, the dash of a list's item included."""
    return len(line) - len(line.lstrip(b" \t-"))


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
