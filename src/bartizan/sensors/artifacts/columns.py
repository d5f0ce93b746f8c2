"""What the columns of a table are for."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

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


def roles(table: Table, label_names: tuple[str, ...], digest_names: tuple[str, ...]) -> Roles:
    """Told by names and by content: a label has few values, each of many rows."""
    texts: list[int] = []
    addresses: list[int] = []
    label = -1
    for index, name in enumerate(table.columns):
        cells = [cell for cell in table.column(index)[:SAMPLED] if cell]
        if not cells:
            continue
        if sum(bool(_URL.match(cell)) for cell in cells) > 0.9 * len(cells):
            addresses.append(index)
        elif sum(" " in cell for cell in cells) > 0.5 * len(cells) and sum(map(len, cells)) / len(cells) >= 12:
            texts.append(index)
        elif label < 0 and _bare(name) in label_names and _is_label(table.column(index)):
            label = index
    names = {_bare(name) for name in table.columns}
    return Roles(tuple(texts), label, tuple(addresses), bool(names & set(digest_names)))


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _is_label(cells: list[str]) -> bool:
    counts = Counter(cells)
    return 2 <= len(counts) <= max(2, min(50, len(cells) // 5))
