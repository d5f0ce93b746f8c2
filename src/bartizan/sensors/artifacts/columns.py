"""What the columns of a table are for."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from bartizan.rules.dataset import DatasetSheet
from bartizan.sensors.artifacts.table import Table

_URL = re.compile(r"https?://\S+$")
SAMPLED = 500


@dataclass(frozen=True, slots=True)
class Roles:
    """Indexes of columns: running text, the label (or -1), addresses, and whether there is a column of digests."""

    texts: tuple[int, ...]
    label: int
    addresses: tuple[int, ...]
    has_digests: bool


def roles(table: Table, names: DatasetSheet) -> Roles:
    """Told by the names that a sheet lists and by content: a label has few values, text nearly as many as rows."""
    texts: list[int] = []
    addresses: list[int] = []
    label = -1
    for index, name in enumerate(table.columns):
        cells = [cell for cell in table.column(index)[:SAMPLED] if cell]
        if not cells:
            continue
        if sum(bool(_URL.match(cell)) for cell in cells) > 0.9 * len(cells):
            addresses += [index] if _bare(name) in names.content_columns else []
        elif _is_text(cells):
            texts.append(index)
        elif label < 0 and _bare(name) in names.label_columns and _is_label(table.column(index)):
            label = index
    has_digests = any(_bare(name) in names.digest_columns for name in table.columns)
    return Roles(tuple(texts), label, tuple(addresses), has_digests)


def _is_text(cells: list[str]) -> bool:
    """Words with spaces between them, mostly letters, and not the same few again and again."""
    spaced = sum(" " in cell for cell in cells) > 0.5 * len(cells)
    letters = sum(sum(map(str.isalpha, cell[:200])) for cell in cells[:100])
    size = sum(len(cell[:200]) for cell in cells[:100])
    return spaced and size >= 12 * len(cells[:100]) and letters > 0.5 * size and len(set(cells)) > 0.15 * len(cells)


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _is_label(cells: list[str]) -> bool:
    counts = Counter(cells)
    return 2 <= len(counts) <= max(2, min(50, len(cells) // 5))
