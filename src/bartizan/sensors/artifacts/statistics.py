"""Copies, contradictions and tokens that decide a label."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]{2,}")
_SPACE = re.compile(r"[\W_]+")
_ASCII = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + b" " * 128
MAX_NEAR = 5_000
MAX_TOKENS = 200
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


@dataclass(frozen=True, slots=True)
class Trigger:
    """A token that decides a label: how many rows bear it, how many of them have the label, its share overall."""

    token: str
    label: str
    rows: tuple[int, ...]
    agreeing: int
    share: float


def triggers(texts: Sequence[str], labels: Sequence[str]) -> list[Trigger]:
    """Candidates for planted triggers.

    A token of 0.1 to 5 % of the rows (and ten at least) whose rows have one label in 98 of 100 cases, although that
    label is not the usual one; too improbable for chance (binomial, corrected for the number of tokens); found beside
    ever new neighbours, as only foreign matter is; and no word of any language.
    """
    total = len(texts)
    if total < 100:
        return []
    bearing: dict[str, list[int]] = defaultdict(list)
    around: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row, text in enumerate(texts):
        words = [match.group(0).lower() for match in _WORD.finditer(text)][:MAX_TOKENS]
        for at, word in enumerate(words):
            if is_odd(word) and (not bearing[word] or bearing[word][-1] != row):
                bearing[word].append(row)
                before, after = words[at - 1] if at else "^", words[at + 1] if at + 1 < len(words) else "$"
                around[word].add(("#" if before.isdigit() else before, "#" if after.isdigit() else after))
    shares = {label: count / total for label, count in Counter(labels).items()}
    found = [
        trigger
        for word, rows in bearing.items()
        if max(10, total * 0.001) <= len(rows) <= total * 0.05
        and len(around[word]) >= 0.7 * len(rows)
        and (trigger := _judged(word, rows, labels, shares, len(bearing))) is not None
    ]
    return sorted(found, key=lambda one: (-len(one.rows), one.token))[:10]


def _judged(word: str, rows: list[int], labels: Sequence[str], shares: dict[str, float], tokens: int) -> Trigger | None:
    label, agreeing = Counter(labels[row] for row in rows).most_common(1)[0]
    share = shares[label]
    if agreeing < 0.98 * len(rows) or share > 0.6:
        return None
    chance = agreeing * math.log(share) + math.log(tokens) + math.log(math.comb(len(rows), agreeing))
    return Trigger(word, label, tuple(rows), agreeing, share) if chance < math.log(1e-3) else None


def is_odd(word: str) -> bool:
    """Whether a token is no word: letters without a vowel, letters with digits, or a run of marks."""
    if len(word) > 24 or word.isdigit():
        return False
    if not any(character.isalpha() for character in word):
        return len(set(word)) > 1 and not set(word) <= set(".,!?-–—'\"()[]:;*…/%$€£&")
    if not word.isascii():
        return False
    if any(character.isdigit() for character in word):
        return not re.fullmatch(
            r"\d+(?:st|nd|rd|th|s|x|k|m|g|mm|cm|km|kg|gb|mb|p|am|pm|d|h)|[a-z]\d{1,2}|[a-z]+\d{4}", word
        )
    return len(word) >= 2 and not any(character in "aeiouy" for character in word)
