"""From hits of the fast search to values that have the shape of a credential."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bartizan.rules.credential import Kind
from bartizan.sensors.secrets.literal import Literal
from bartizan.sensors.secrets.scanner import Hit
from bartizan.sensors.secrets.shape import Shape

_WORD_BEFORE = 400
_WORD_AFTER = 1200
_BRIEF = 20
"""Values of this length and less need their boundaries in binaries too, where tables hold long runs of capitals."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value by its offsets, and the kinds whose shape it has."""

    start: int
    end: int
    kinds: tuple[Kind, ...]


class Finder:
    """Checks shapes around hits."""

    def __init__(self, table: Sequence[Literal], told: Mapping[str, Kind] | None = None) -> None:
        """`told` names, by id of a kind with a beginning, the kind that is looked for around it."""
        self._table = table
        self._told = told or {}
        self._shapes: dict[str, Shape] = {}

    def candidates(
        self, data: bytes, hits: list[Hit], named: tuple[Kind, ...] = (), *, is_binary: bool = False
    ) -> list[Candidate]:
        """Every value with the shape of a kind, in order; of overlapping ones the best known alone.

        Kinds in `named` are looked for everywhere: the file's name speaks of them.
        """
        spans: dict[tuple[int, int], dict[str, Kind]] = {}
        for start, end, kind in (*self._by_start(data, hits, is_binary), *self._by_word(data, hits, named)):
            spans.setdefault((start, end), {})[kind.id] = kind
        return _without_overlaps([Candidate(*span, tuple(kinds.values())) for span, kinds in sorted(spans.items())])

    def may_hold(self, data: bytes, hits: list[Hit]) -> bool:
        """Whether a hit is a word, or the beginning of something with the right shape, whatever its boundaries are."""
        return any(
            not literal.width
            or any(self._shape(kind).end_of(data, end - literal.width, loose=True) for kind in literal.kinds)
            for literal, end in ((self._table[number], end) for number, end in hits)
        )

    def _shape(self, kind: Kind) -> Shape:
        """Compiled when first needed: most texts need few."""
        shape = self._shapes.get(kind.id)
        if shape is None:
            shape = self._shapes[kind.id] = Shape(kind)
        return shape

    def _by_start(self, data: bytes, hits: list[Hit], is_binary: bool) -> Iterator[tuple[int, int, Kind]]:
        for number, end in hits:
            literal = self._table[number]
            if not literal.width:
                continue
            start = end - literal.width
            for kind in literal.kinds:
                loose = is_binary and literal.length > 4 and kind.longest > _BRIEF
                stop = self._shape(kind).end_of(data, start, loose=loose)
                if stop:
                    yield start, stop, kind

    def _by_word(self, data: bytes, hits: list[Hit], named: tuple[Kind, ...]) -> Iterator[tuple[int, int, Kind]]:
        kinds = {kind.id: kind for kind in named if not kind.structure}
        regions = {key: [[0, len(data)]] for key in kinds}
        for number, end in hits:
            literal = self._table[number]
            for kind in self._others(literal) if literal.width else literal.kinds:
                if kind.structure:
                    continue
                kinds[kind.id] = kind
                mine = regions.setdefault(kind.id, [])
                first, last = max(0, end - _WORD_BEFORE), min(len(data), end + _WORD_AFTER)
                mine.append([first, last])
        for key, areas in regions.items():
            shape = self._shape(kinds[key])
            for first, last in _merged(areas):
                for start, stop in shape.all_in(data, first, last):
                    yield start, stop, kinds[key]

    def _others(self, literal: Literal) -> Iterable[Kind]:
        """Other halves of what begins so."""
        return (self._told[kind.id] for kind in literal.kinds if kind.id in self._told) if self._told else ()


def _merged(areas: list[list[int]]) -> list[list[int]]:
    areas.sort()
    merged: list[list[int]] = []
    for area in areas:
        if merged and area[0] <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], area[1])
        else:
            merged.append(area)
    return merged


def _without_overlaps(found: list[Candidate]) -> list[Candidate]:
    """Of values inside each other, the one with the longer known beginning stays, then one whose shape says more than
    that somebody chose it, then the longer one.
    """
    kept: list[Candidate] = []
    for candidate in sorted(
        found, key=lambda item: (-_known(item), _is_chosen(item), item.start - item.end, item.start)
    ):
        if all(candidate.end <= other.start or candidate.start >= other.end for other in kept[-50:]):
            kept.append(candidate)
    return sorted(kept, key=lambda item: item.start)


def _is_chosen(candidate: Candidate) -> bool:
    return not any(kind.is_random for kind in candidate.kinds)


def _known(candidate: Candidate) -> int:
    return max((len(start) for kind in candidate.kinds for start in kind.starts), default=0)
