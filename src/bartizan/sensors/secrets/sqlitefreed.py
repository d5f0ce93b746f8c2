"""Rows deleted from SQLite databases: their bytes stay in the file until something needs the room.

A cell that is freed keeps all but its first four bytes, where the place of the next free block and its own size are
written. The format: https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bartizan.model.blob import Blob
from bartizan.sensors.secrets.sqlite import LEAF, Pages, open_pages, row_lines, type_length, typed_value, varint
from bartizan.sensors.secrets.text import Text

LAYER = "deleted rows"
_RUNS = {
    "utf-8": re.compile(rb"[\x20-\x7e\t\r\n]{12,}"),
    "utf-16-le": re.compile(rb"(?:[\x20-\x7e\t\r\n]\0){12,}"),
    "utf-16-be": re.compile(rb"(?:\0[\x20-\x7e\t\r\n]){12,}"),
}
_LIMIT = 16 << 20
"""Bytes of text taken from one database."""
_MOST = 20_000
"""Rows, and texts that belong to none."""
_AHEAD = 48
"""Bytes in front of a text in which the head of its row is looked for."""
_LOST = 4
_HEAD = 64
"""The longest head of a row that is looked for."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd]")

Row = list[int | str | None]


def freed_text(blob: Blob, may_hold: Callable[[bytes], bool]) -> Text | None:
    """What is left of deleted rows, as `sqlite_text` writes rows; None when nothing is.

    Only areas of which `may_hold` says that they are worth it are taken apart; it is asked about UTF-8 alone.
    """
    pages = open_pages(blob)
    parts: list[bytes] = []
    segments: list[tuple[int, int]] = []
    records: list[tuple[int, str]] = []
    length = 0
    for number, at, area in _areas(pages):
        if pages.encoding == "utf-8" and not may_hold(_apart(area)):
            continue
        table, columns = pages.tables.get(number, ("", ()))
        for offset, lines in _read(area, table, columns, pages.encoding):
            segments.append((length, at + offset))
            records.append((length, f"{table or f'page {number}'}:deleted"))
            parts.append(lines)
            length += len(lines)
        if length > _LIMIT or len(parts) > _MOST:
            break
    if not parts:
        return None
    data = b"".join(parts)
    layers = (LAYER, "SQLite")
    return Text(data, blob.location, 0, layers, tuple(segments), tuple(records), is_binary=True)


def _apart(area: bytes) -> bytes:
    """The texts of the area, each also without its first characters, which may be the types that stand before it."""
    runs = [match.group() for match in _RUNS["utf-8"].finditer(area)]
    return b"\n".join([*runs, *(run[skip : skip + 80] for run in runs for skip in range(1, 5))])


def _areas(pages: Pages) -> Iterator[tuple[int, int, bytes]]:
    """Page, offset in the file and content of each free area with text in it."""
    trunks = _trunks(pages)
    text = _RUNS[pages.encoding]
    for number in range(1, pages.count + 1):
        page = pages.page(number)
        if number in trunks:
            spans = [(8 + 4 * int.from_bytes(page[4:8], "big"), len(page))]
        else:
            spans = _free_spans(page, 100 if number == 1 else 0)
        for first, last in spans:
            area = page[first:last]
            if text.search(area):
                yield number, pages.start(number) + first, area


def _trunks(pages: Pages) -> set[int]:
    """Pages that hold the list of free pages; what they held before stands behind it."""
    found: set[int] = set()
    following = int.from_bytes(pages.page(1)[32:36], "big")
    while 0 < following <= pages.count and following not in found and len(found) < 10_000:
        found.add(following)
        following = int.from_bytes(pages.page(following)[:4], "big")
    return found


def _free_spans(page: bytes, start: int) -> list[tuple[int, int]]:
    """The gap between the cells' list and the cells, then the blocks of the page's own list."""
    if page[start : start + 1] != bytes((LEAF,)):
        return []
    block, count, content = (int.from_bytes(page[start + at : start + at + 2], "big") for at in (1, 3, 5))
    spans = [(start + 8 + 2 * count, content or 65536)]
    for _ in range(1000):
        if not 0 < block < len(page) - _LOST:
            break
        size = int.from_bytes(page[block + 2 : block + 4], "big")
        spans.append((block, block + size))
        following = int.from_bytes(page[block : block + 2], "big")
        if following <= block:
            break
        block = following
    return spans


def _read(area: bytes, table: str, columns: tuple[str, ...], encoding: str) -> Iterator[tuple[int, bytes]]:
    """Offset and lines of each row that can be made out, and of text that belongs to none."""
    done = 0
    for run in _RUNS[encoding].finditer(area):
        if run.start() < done:
            continue
        for at in range(max(done, run.start() - _AHEAD), run.start() + 1):
            row, end = _row(area, at, len(columns), encoding)
            if not row:
                row, end = _beheaded(area, at, len(columns), encoding)
            if row and end > run.start():
                yield at, row_lines(table, columns, row)
                done = end
                break
        else:
            yield run.start(), row_lines(table, (), [run.group().decode(encoding)])


def _row(area: bytes, at: int, width: int, encoding: str) -> tuple[Row, int]:
    """The row whose head begins there and the offset behind it; nothing when it is none."""
    size = area[at]
    if not 2 <= size <= _HEAD or (width and size < width + 1):
        return [], 0
    types, end = _types(area, at + 1, at + size)
    if end != at + size or (width and len(types) != width) or len(types) < 2:
        return [], 0
    return _values(area, end, types, encoding)


def _beheaded(area: bytes, at: int, width: int, encoding: str) -> tuple[Row, int]:
    """The row in a block that was freed there: either all its types are left, or all but the first, whose length then
    follows from the block's. Blocks that lie side by side are one, of the size of both.
    """
    size = int.from_bytes(area[at + 2 : at + _LOST], "big")
    if not width or not _LOST < size <= len(area) - at:
        return [], 0
    types, begin = _types(area, at + _LOST, at + min(size, _LOST + _HEAD), width)
    row, last = _values(area, begin, types, encoding) if len(types) == width else ([], 0)
    if row and last <= at + size:
        return row, last
    types, begin = _types(area, at + _LOST, at + min(size, _LOST + _HEAD), width - 1)
    rest = at + size - begin - sum(map(type_length, types))
    for length in (rest, 0) if len(types) == width - 1 and rest >= 0 else ():  # 0: its key is the row's number
        row, last = _values(area, begin, [13 + 2 * length if length else 0, *types], encoding)
        if row:
            return row, last
    return [], 0


def _types(area: bytes, at: int, end: int, most: int = 200) -> tuple[list[int], int]:
    """The types of values that stand up to `end`, and the offset behind them."""
    types: list[int] = []
    while at < end and len(types) < most:
        code, at = varint(area, at)
        if code in (10, 11):
            return [], 0
        types.append(code)
    return types, at


def _values(area: bytes, at: int, types: list[int], encoding: str) -> tuple[Row, int]:
    """The values of a row, if they are such as people store: all text readable, and some of it."""
    end = at + sum(map(type_length, types))
    if end > len(area):
        return [], 0
    row: Row = []
    for code in types:
        stop = at + type_length(code)
        row.append(typed_value(code, area[at:stop], encoding))
        at = stop
    texts = [value for value in row if isinstance(value, str)]
    if not any(len(text) >= 8 for text in texts) or any(_CONTROL.search(text) for text in texts):
        return [], 0
    return row, end
