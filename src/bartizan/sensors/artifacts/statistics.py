"""Copies, and the contradictions among them."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SPACE = re.compile(r"[\W_]+")
_ASCII = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + b" " * 128
MAX_NEAR = 5_000
SKETCH = 3
SIMILAR = 0.8


def normal(text: str) -> str:
    """Letters and digits alone, lower case: what copies have in common."""
    if text.isascii():
        return b" ".join(text.encode().lower().translate(_ASCII).split()).decode()
    return _SPACE.sub(" ", text.lower()).strip()


@dataclass(frozen=True, slots=True)
class Cluster:
    """Rows (indexes) that are copies of each other; `exact` when letter for letter after `normal`."""

    rows: tuple[int, ...]
    exact: bool


def clusters(texts: Sequence[str]) -> list[Cluster]:
    """Groups of copies, the largest first. Exact ones over all texts, near ones over the first few thousand.

    Near copies share at least four fifths of their word triples (Broder's resemblance); candidates are found by the
    smallest hashes of the triples.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        key = normal(text)
        if len(key) >= 12:
            groups[key].append(index)
    found = [Cluster(tuple(rows), exact=True) for rows in groups.values() if len(rows) > 1]
    found += _near([(key, rows[0]) for key, rows in groups.items()][:MAX_NEAR])
    return sorted(found, key=lambda one: (-len(one.rows), one.rows))


def _near(keys: list[tuple[str, int]]) -> list[Cluster]:
    triples = [_triples(key) for key, _ in keys]
    buckets: dict[int, list[int]] = defaultdict(list)
    for index, hashes in enumerate(triples):
        for value in sorted(hashes)[:SKETCH]:
            buckets[value].append(index)
    parent = list(range(len(keys)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for bucket in buckets.values():
        first = bucket[0]
        for other in bucket[1:200]:
            if root(first) != root(other) and _resemblance(triples[first], triples[other]) >= SIMILAR:
                parent[root(other)] = root(first)
    groups: dict[int, list[int]] = defaultdict(list)
    for index, (_, row) in enumerate(keys):
        groups[root(index)].append(row)
    return [Cluster(tuple(rows), exact=False) for rows in groups.values() if len(rows) > 1]


def _triples(key: str) -> frozenset[int]:
    words = key.split(" ")[:400]
    if len(words) < 5:
        return frozenset()
    return frozenset(zlib.crc32(" ".join(words[at : at + 3]).encode()) for at in range(len(words) - 2))


def _resemblance(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def conflicts(found: Iterable[Cluster], labels: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of rows: one with the label of most of its copies, one that differs. One pair for each that differs."""
    pairs: list[tuple[int, int]] = []
    for cluster in found:
        counts = Counter(labels[row] for row in cluster.rows)
        if len(counts) > 1:
            common = max(sorted(counts), key=lambda label: counts[label])
            usual = next(row for row in cluster.rows if labels[row] == common)
            pairs += [(usual, row) for row in cluster.rows if labels[row] != common]
    return pairs
