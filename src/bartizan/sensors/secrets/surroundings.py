"""What stands around a value: the name it is assigned to, its line, the blocks that enclose it."""

from __future__ import annotations

import re
from functools import cached_property

from bartizan.sensors.secrets.naming import GROUP, Naming, indentation
from bartizan.sensors.secrets.siblings import pairs, siblings
from bartizan.sensors.secrets.vocabulary import NameSense, Vocabulary

_HOST = re.compile(rb"""(?i)(?:https?:(?:\\?/){2}|\b(?:host|authority)["']?\s?:\s?["']?)([\w-]+(?:\.[\w-]+)+)""")
BEFORE = 3000
AFTER = 1500
_BREAK = re.compile(rb"\r?\n|\\r\\n|\\n|\r")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_IDENTIFIER = re.compile(rb"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+){1,6}")
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
        self._naming = Naming(self.line, lambda: (self.before, self.after), vocabulary)

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
        name = self._naming.own() or self._file
        if not name or self._vocabulary.sense(name) is NameSense.PLAIN:
            return self._naming.pair() or name
        return name

    @cached_property
    def sense(self) -> NameSense:
        """What the name says of the value."""
        return self._vocabulary.sense(self.name_as_written)

    @cached_property
    def scopes(self) -> list[bytes]:
        """The openings of enclosing blocks, nearest first: by indentation, by section, by brace, by heading."""
        found: list[bytes] = []
        inline = _open_braces(self.line)
        if inline:
            found.append(inline)
        indent = indentation(self.before[-1])
        above = self.before[-2:-90:-1]
        for index, line in enumerate(above):
            if not line.strip():
                if index == 0:
                    continue
                continue
            if _SECTION.match(line):
                found.append(line)
                break
            depth = indentation(line)
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
        return _IDENTIFIER.fullmatch(self.value) is not None and self._naming.is_secret(self.value)

    @property
    def is_grouped(self) -> bool:
        """Whether its name is only one of those that compiled code uses around it."""
        return GROUP.search(self.line) is not None

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


def _depth(line: bytes) -> int:
    """Indentation, the dash of a list's item included."""
    return len(line) - len(line.lstrip(b" \t-"))


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
