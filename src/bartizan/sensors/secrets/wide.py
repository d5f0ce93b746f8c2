"""Text of two bytes a character inside something else: programs' strings, registries, exports."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.sensors.secrets.text import Text
from bartizan.syntax.pattern import bytes_pattern

_RUN = bytes_pattern(r"(?:[\t\n\r -~]\x00){12,}")
_LIMIT = 16 << 20


def unwrapped(text: Text) -> Iterator[Text]:
    """Every run of ASCII in UTF-16, of either byte order, as one text with a line for each."""
    parts: list[bytes] = []
    segments: list[tuple[int, int]] = []
    length = 0
    for match in _RUN.finditer(text.data):
        plain = match.group()[::2]
        segments.append((length, match.start()))
        parts += (plain, b"\n")
        length += len(plain) + 1
        if length > _LIMIT:
            break
    if parts:
        yield text.decoded(b"".join(parts), segments, "UTF-16")
