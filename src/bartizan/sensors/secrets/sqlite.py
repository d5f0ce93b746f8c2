"""Rows of SQLite databases, read page by page: damaged and cut files give what is left of them.

The format: https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bartizan.model.blob import Blob
from bartizan.sensors.secrets.text import Text

LEAF, _INTERIOR = 0x0D, 0x05
_LIMIT = 64 << 20
"""Bytes of text taken from one database."""
_VALUE = 1 << 20
_COLUMN = re.compile(r"""^\s*["'`\[]?([A-Za-z_][\w $-]*?)["'`\]]?(?:\s|$|\()""")
_NOT_COLUMNS = frozenset({"primary", "unique", "foreign", "check", "constraint", "key"})


@dataclass(slots=True)
class Pages:
    """The pages of one file: numbered from 1, the first with the file's header in front."""

    data: bytes | memoryview
    size: int
    usable: int
    encoding: str
    tables: dict[int, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Table and columns by number of leaf page."""
    head: int = 0
    """Bytes before the first page, and before each (`gap`): a write-ahead log has both."""
    gap: int = 0
    frames: dict[int, int] = field(default_factory=dict)
    """Of a log: number of the newest frame of each page of the database."""
    by_width: dict[int, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Table and columns by their number, where the pages of a table cannot be known."""

    @property
    def count(self) -> int:
        """Whole and cut pages."""
        return -(-(len(self.data) - self.head) // (self.size + self.gap))

    def start(self, number: int) -> int:
        """The offset of the page in the file."""
        return self.head + (number - 1) * (self.size + self.gap) + self.gap

    def page(self, number: int) -> bytes:
        """Content of the page; shorter when the file is cut."""
        at = self.start(number)
        return bytes(self.data[at : at + self.size])

    def follower(self, page: bytes, at: int) -> int:
        """Number of the page that the four bytes at `at` name; in a log the newest frame that holds it, 0 for none."""
        number = int.from_bytes(page[at : at + 4], "big")
        return self.frames.get(number, 0) if self.gap else number

    def is_first(self, number: int) -> bool:
        """Whether it is the database's first page, which has the file's header in front."""
        if not self.gap:
            return number == 1
        at = self.start(number) - self.gap
        return bytes(self.data[at : at + 4]) == b"\0\0\0\1"


def sqlite_text(blob: Blob) -> Text:
    """Every row as lines `column = value`, an empty line after each; `records` name table and row."""
    parts: list[bytes] = []
    segments: list[tuple[int, int]] = []
    records: list[tuple[int, str]] = []
    length = 0
    pages = _open_log(blob) if blob.format == "sqlite-wal" else open_pages(blob)
    for offset, record, lines in _rows(pages):
        segments.append((length, offset))
        records.append((length, record))
        parts.append(lines)
        length += len(lines)
        if length > _LIMIT:
            break
    return Text(b"".join(parts), blob.location, layers=("SQLite",), segments=tuple(segments), records=tuple(records))


def is_cut(blob: Blob) -> bool:
    """Whether the file holds fewer pages than its header says, which counts where its two change counters agree."""
    head = blob.bytes(0, 100)
    size = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    return len(head) == 100 and head[24:28] == head[92:96] and pages * (65536 if size == 1 else size) > blob.size


def open_pages(blob: Blob) -> Pages:
    """The pages of a database, with the tables they belong to."""
    head = blob.bytes(0, 100)
    size = int.from_bytes(head[16:18], "big")
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1):
        size = 4096
    reserved = head[20] if len(head) > 20 else 0
    encoding = {2: "utf-16-le", 3: "utf-16-be"}.get(int.from_bytes(head[56:60], "big"), "utf-8")
    data = blob.data if isinstance(blob.data, bytes) else memoryview(blob.data)
    pages = Pages(data, size, max(size - reserved, 480), encoding)
    _read_schema(pages)
    return pages


def _open_log(blob: Blob) -> Pages:
    """A write-ahead log: a head of 32 bytes, then frames, each of 24 bytes and a page. Pages keep the log's order, so
    that what several transactions wrote is all there; those of the schema tell columns where the log holds them.
    """
    size = int.from_bytes(blob.bytes(8, 12), "big")
    if size < 512 or size > 65536 or size & (size - 1):
        size = 4096
    data = blob.data if isinstance(blob.data, bytes) else memoryview(blob.data)
    pages = Pages(data, size, size, "utf-8", head=32, gap=24)
    for number in range(1, pages.count + 1):
        at = pages.start(number) - pages.gap
        pages.frames[int.from_bytes(bytes(data[at : at + 4]), "big")] = number
        if pages.is_first(number):
            for _, _, values in _cells(pages, number):
                if len(values) >= 5 and values[0] == "table" and isinstance(values[4], str):
                    pages.by_width[len(_columns(values[4]))] = (str(values[1])[:80], _columns(values[4]))
    return pages


def _read_schema(pages: Pages) -> None:
    """Learn which leaf belongs to which table, as far as the trees are whole."""
    for leaf in _leaves(pages, 1):
        for _, _, values in _cells(pages, leaf):
            if len(values) >= 5 and values[0] == "table" and isinstance(values[3], int) and isinstance(values[4], str):
                columns = _columns(values[4])
                for number in _leaves(pages, values[3]):
                    pages.tables[number] = (str(values[1])[:80], columns)


def _leaves(pages: Pages, root: int) -> list[int]:
    found: list[int] = []
    waiting = [root]
    seen: set[int] = set()
    while waiting and len(seen) < 2_000_000:
        number = waiting.pop()
        if number in seen or not 0 < number <= pages.count:
            continue
        seen.add(number)
        page = pages.page(number)
        start = 100 if number == 1 else 0
        kind = page[start : start + 1]
        if kind == bytes((LEAF,)):
            found.append(number)
        elif kind == bytes((_INTERIOR,)) and len(page) >= start + 12:
            cells = int.from_bytes(page[start + 3 : start + 5], "big")
            waiting.append(int.from_bytes(page[start + 8 : start + 12], "big"))
            for index in range(min(cells, (len(page) - start - 12) // 2)):
                at = int.from_bytes(page[start + 12 + 2 * index : start + 14 + 2 * index], "big")
                waiting.append(int.from_bytes(page[at : at + 4], "big"))
    return found


def _rows(pages: Pages) -> Iterator[tuple[int, str, bytes]]:
    for number in range(1, pages.count + 1):
        known = pages.tables.get(number)
        for offset, row, values in _cells(pages, number):
            table, columns = known or pages.by_width.get(len(values), ("", ()))
            lines = row_lines(table, columns, values)
            if lines:
                yield offset, f"{table or 'page ' + str(number)}:{row}", lines


def row_lines(table: str, columns: tuple[str, ...], values: list[int | str | None]) -> bytes:
    """The table's name, a line for each text of the row, and an empty line; nothing for rows without text."""
    lines = [
        _line(columns[index] if index < len(columns) else "", value)
        for index, value in enumerate(values)
        if isinstance(value, str) and value
    ]
    return "\n".join([table, *lines, "", ""]).encode("utf-8", "replace") if lines else b""


def _line(column: str, value: str) -> str:
    """Names are written as they are; a value that spans lines keeps them."""
    return f"{column} = {value}" if column else f" {value}"


def _cells(pages: Pages, number: int) -> Iterator[tuple[int, int, list[int | str | None]]]:
    """Offset, row number and values of each cell of a table's leaf; nothing for other pages."""
    page = pages.page(number)
    start = 100 if pages.is_first(number) else 0
    if page[start : start + 1] != bytes((LEAF,)):
        return
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    for index in range(min(count, (len(page) - start - 8) // 2)):
        at = int.from_bytes(page[start + 8 + 2 * index : start + 10 + 2 * index], "big")
        size, at_row = varint(page, at)
        row, body = varint(page, at_row)
        if 0 < size <= _VALUE and body < len(page):
            values = _record(_payload(pages, page, body, size), pages.encoding)
            if values:
                yield pages.start(number) + at, row, values


def _payload(pages: Pages, page: bytes, body: int, size: int) -> bytes:
    """The cell's content, with what overflows into further pages."""
    most = pages.usable - 35
    if size <= most:
        return page[body : body + size]
    least = (pages.usable - 12) * 32 // 255 - 23
    local = least + (size - least) % (pages.usable - 4)
    local = local if local <= most else least
    parts = [page[body : body + local]]
    following = pages.follower(page, body + local)
    left = size - local
    seen: set[int] = set()
    while left > 0 and 0 < following <= pages.count and following not in seen:
        seen.add(following)
        overflow = pages.page(following)
        parts.append(overflow[4 : 4 + min(left, pages.usable - 4)])
        left -= len(parts[-1])
        following = pages.follower(overflow, 0)
        if not parts[-1]:
            break
    return b"".join(parts)


def _record(payload: bytes, encoding: str) -> list[int | str | None]:
    size, at = varint(payload, 0)
    types: list[int] = []
    while at < min(size, len(payload)) and len(types) < 2000:
        code, at = varint(payload, at)
        types.append(code)
    values: list[int | str | None] = []
    at = size
    for code in types:
        length = type_length(code)
        raw = payload[at : at + length]
        at += length
        values.append(typed_value(code, raw, encoding))
    return values


_LENGTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)


def type_length(code: int) -> int:
    """Bytes of a value of that type."""
    return _LENGTHS[code] if code < 12 else (code - 12) // 2


def typed_value(code: int, raw: bytes, encoding: str) -> int | str | None:
    """The value of that type: text, whole number, or nothing of use."""
    if code >= 13 and code % 2:
        return raw.decode(encoding, "replace")
    if code >= 12:
        return raw.decode("utf-8", "replace") if raw and not raw[:64].translate(None, _PRINTABLE) else None
    return int.from_bytes(raw, "big", signed=True) if 1 <= code <= 6 else {8: 0, 9: 1}.get(code)


_PRINTABLE = bytes(range(32, 127)) + b"\t\r\n"


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, and the offset behind it."""
    value = 0
    for index in range(9):
        if at + index >= len(data):
            return 0, len(data)
        byte = data[at + index]
        if index == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value, at + 9


def _columns(sql: str) -> tuple[str, ...]:
    """Names of the columns in a CREATE TABLE statement."""
    body = sql[sql.find("(") + 1 : sql.rfind(")")]
    names: list[str] = []
    depth = begin = 0
    for index, char in enumerate(body + ","):
        depth += (char == "(") - (char == ")")
        if char == "," and depth <= 0:
            match = _COLUMN.match(body[begin:index])
            if match and match.group(1).split()[0].lower() not in _NOT_COLUMNS:
                names.append(match.group(1))
            begin = index + 1
    return tuple(names)
