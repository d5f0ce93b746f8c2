"""A data set as rows of text, sampled and bounded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

MAX_ROWS = 50_000
MAX_BYTES = 32 << 20
MAX_CELL = 20_000
WINDOWS = 32


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its number (from 1), its line in the file (0 when not known), its cells as text."""

    number: int
    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Table:
    """Columns and rows. `whole` tells whether nothing was left out; `faults` count what did not fit, by kind, with
    the line of the first.
    """

    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    whole: bool = True
    faults: dict[str, tuple[int, int]] = field(default_factory=dict)

    def fault(self, kind: str, line: int) -> None:
        """Count something that did not fit."""
        count, first = self.faults.get(kind, (0, line))
        self.faults[kind] = (count + 1, first)

    def column(self, index: int) -> list[str]:
        """All cells of one column."""
        return [row.cells[index] for row in self.rows if index < len(row.cells)]


def windows(data: Any, size: int) -> Iterator[tuple[int, bytes]]:
    """The file, or evenly spaced pieces of a large one, cut at line ends, each with its offset."""
    if size <= MAX_BYTES:
        yield 0, bytes(data[:size])
        return
    piece = MAX_BYTES // WINDOWS
    for number in range(WINDOWS):
        start = (size - piece) * number // (WINDOWS - 1)
        raw = bytes(data[start : start + piece])
        if start:
            raw = raw[raw.find(b"\n") + 1 :]
        end = raw.rfind(b"\n") + 1
        yield start, raw[:end] if end else raw


def read_separated(data: Any, size: int) -> Table:
    """CSV or TSV. The first row gives the columns."""
    table = Table(whole=size <= MAX_BYTES)
    delimiter = ""
    for start, raw in windows(data, size):
        text = _decoded(raw, table)
        delimiter = delimiter or _delimiter(text)
        reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
        _take(table, reader, known_line=start == 0)
        if len(table.rows) >= MAX_ROWS:
            table.whole = False
            break
    return table


def _take(table: Table, reader: Any, *, known_line: bool) -> None:
    while len(table.rows) < MAX_ROWS:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            table.fault("rows that cannot be read", line if known_line else 0)
            return
        if cells is None:
            return
        if not table.columns:
            table.columns = tuple(cell.strip()[:100] for cell in cells)
            continue
        if not cells:
            continue
        if len(cells) != len(table.columns):
            table.fault("rows of another width", line if known_line else 0)
        cut = tuple(cell[:MAX_CELL] for cell in cells)
        table.rows.append(Row(len(table.rows) + 1, line if known_line else 0, cut))


def _delimiter(text: str) -> str:
    head = text[:20_000].partition("\n")[0]
    return max(",\t;|", key=lambda mark: (head.count(mark), -",\t;|".index(mark)))


def _decoded(raw: bytes, table: Table) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        table.fault("bytes that are not UTF-8", raw.count(b"\n", 0, error.start) + 1)
        return raw.decode("utf-8", "replace")


def read_lines(data: Any, size: int) -> Table:
    """JSON Lines: one object a line. Chat records (`messages`) become one text each."""
    table = Table(whole=size <= MAX_BYTES)
    names: dict[str, int] = {}
    for start, raw in windows(data, size):
        for number, line in enumerate(raw.splitlines(), 1):
            if len(table.rows) >= MAX_ROWS:
                table.whole = False
                break
            if line.strip():
                _take_object(table, names, line, number if start == 0 else 0)
    table.columns = tuple(names)
    return table


def _take_object(table: Table, names: dict[str, int], line: bytes, number: int) -> None:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        table.fault("lines that are not JSON", number)
        return
    if isinstance(value, dict):
        table.rows.append(Row(len(table.rows) + 1, number, _cells(value, names)))
    else:
        table.fault("lines that are no object", number)


def read_json(data: Any, size: int) -> Table:
    """A JSON array of objects, or an object with one such array; anything else gives no rows."""
    table = Table()
    if size > MAX_BYTES:
        return Table(whole=False)
    try:
        value = msgspec.json.decode(bytes(data[:size]))
    except (msgspec.DecodeError, RecursionError):
        return table
    if isinstance(value, dict):
        value = next(
            (part for key in ("data", "train", "rows", "examples") if isinstance(part := value.get(key), list)), []
        )
    if not isinstance(value, list) or len(value) < 2 or not all(isinstance(item, dict) for item in value[:50]):
        return table
    names: dict[str, int] = {}
    table.rows = [
        Row(at, 0, _cells(item, names)) for at, item in enumerate(value[:MAX_ROWS], 1) if isinstance(item, dict)
    ]
    table.columns = tuple(names)
    table.whole = len(value) <= MAX_ROWS
    return table


def _cells(value: dict[str, Any], names: dict[str, int]) -> tuple[str, ...]:
    for name in value:
        if name not in names and len(names) < 200:
            names[name] = len(names)
    cells = [""] * len(names)
    for name, item in value.items():
        if name in names:
            cells[names[name]] = text_of(item)[:MAX_CELL]
    return tuple(cells)


def text_of(value: Any, depth: int = 0) -> str:
    """A value as the text that a model would be given."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, dict) and depth < 6:
        return "\n".join(text_of(part, depth + 1) for part in list(value.values())[:100])
    if isinstance(value, list) and depth < 6:
        return "\n".join(text_of(part, depth + 1) for part in value[:100])
    return str(value)[:200]


def read_parquet(data: Any) -> Table:
    """Parquet, with pyarrow. Raises ImportError without it, ValueError for a damaged file."""
    import pyarrow as arrow
    from pyarrow import parquet

    table = Table()
    try:
        file = parquet.ParquetFile(arrow.BufferReader(data))
        table.columns = tuple(file.schema_arrow.names[:200])
        wanted = [name for name in table.columns if _is_plain(file.schema_arrow.field(name).type)]
        for batch in file.iter_batches(batch_size=2_000, columns=wanted):
            columns = [[text_of(value)[:MAX_CELL] for value in column.to_pylist()] for column in batch.columns]
            for cells in zip(*columns, strict=True):
                table.rows.append(Row(len(table.rows) + 1, 0, cells))
            if len(table.rows) >= MAX_ROWS:
                break
        table.columns = tuple(wanted)
        table.whole = len(table.rows) >= file.metadata.num_rows
    except (arrow.ArrowException, OSError, KeyError) as error:
        raise ValueError(f"damaged Parquet: {str(error).splitlines()[0][:150]}") from None
    return table


def _is_plain(kind: Any) -> bool:
    """Text, numbers and lists or structs of them: not images or audio."""
    return "binary" not in str(kind)
