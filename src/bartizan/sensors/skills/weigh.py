"""Weighs signals that say little alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bartizan.rules.skills import Scale
from bartizan.sensors.skills.reader import Hit

NEAR = 4
"""Lines over which the sentences of one thought may be spread."""

REACH = 240
"""Characters of one sentence, table row or line over which one thought may be spread. Long rows hold many."""

_SAID = ("front", "heading")


def weigh(scale: Scale, by_signal: Mapping[str, list[Hit]]) -> Iterator[tuple[Hit, ...]]:
    """The hits of each place whose sum reaches what the scale reports, heaviest first; at most one for a file when
    the whole file or bundle is weighed.
    """
    if any(name not in by_signal for name in scale.needs) or (
        scale.any and not any(name in by_signal for name in scale.any)
    ):
        return
    parts = {name: weight for name, weight in scale.parts.items() if _counts(scale, name, by_signal)}
    if sum(weight for name, weight in parts.items() if name in by_signal) < scale.report:
        return
    groups: dict[tuple[str, int, int], list[Hit]] = {}
    for name in {*parts, *scale.less, *scale.none}:
        for hit in by_signal.get(name, []):
            groups.setdefault(_group(scale.within, hit), []).append(hit)
    for _, hits in sorted(groups.items()):
        yield from _tipped(scale, parts, hits)


def _tipped(scale: Scale, parts: Mapping[str, float], hits: list[Hit]) -> Iterator[tuple[Hit, ...]]:
    hits.sort(key=lambda hit: (hit.unit.line, hit.signal))
    done = -1
    for first in hits:
        if first.signal not in parts or first.unit.line <= done:
            continue
        window = hits if scale.within != "near" else [each for each in hits if _near(first, each)]
        found = _sum(scale, parts, window)
        if found:
            yield found
            done = max(hit.unit.line for hit in found)
        if scale.within != "near":
            return


def _sum(scale: Scale, parts: Mapping[str, float], window: list[Hit]) -> tuple[Hit, ...]:
    """One hit for each part, or nothing when they weigh too little."""
    best: dict[str, Hit] = {}
    for hit in window:
        best.setdefault(hit.signal, hit)
    if any(name in best for name in scale.none) or any(name not in best for name in scale.needs):
        return ()
    best = _distinct(scale, parts, best)
    if scale.any and not any(name in best for name in scale.any):
        return ()
    score = sum(parts[name] for name in best if name in parts)
    score -= sum(weight for name, weight in scale.less.items() if name in best)
    if score < scale.report:
        return ()
    found = sorted(
        (hit for name, hit in best.items() if name in parts), key=lambda hit: (-parts[hit.signal], hit.unit.line)
    )
    if scale.places and found[0].unit.place not in scale.places:
        return ()
    return tuple(found)


def _distinct(scale: Scale, parts: Mapping[str, float], best: dict[str, Hit]) -> dict[str, Hit]:
    """Without what stands far from the heaviest part in one long sentence, and without the lighter of two parts that
    the same words made: they are one slot, however many lists know them.
    """
    weighing = [name for name in best if name in parts]
    weighing.sort(key=lambda name: (name not in scale.needs, -parts[name]))
    if not weighing:
        return best
    anchor = best[weighing[0]]
    taken: set[tuple[str, int, int, int, str]] = set()
    kept = {name: hit for name, hit in best.items() if name not in parts}
    for name in weighing:
        hit = best[name]
        place = (hit.unit.file, hit.unit.line, hit.unit.block, hit.start, hit.words)
        far = hit.unit.text == anchor.unit.text and abs(hit.start - anchor.start) > REACH
        if not far and place not in taken:
            kept[name] = hit
            taken.add(place)
    return kept


def _counts(scale: Scale, name: str, by_signal: Mapping[str, list[Hit]]) -> bool:
    """Whether a part is something that the skill does not say it is for."""
    return not any(
        hit.unit.place in _SAID for topic in scale.explained.get(name, ()) for hit in by_signal.get(topic, [])
    )


def _group(within: str, hit: Hit) -> tuple[str, int, int]:
    unit = hit.unit
    shown = unit.block if unit.fenced else -1
    if within == "unit":
        return unit.file, unit.line, unit.block
    if within == "bundle" and not unit.fenced:
        return "", 0, 0
    return unit.file, shown, 0


def _near(first: Hit, other: Hit) -> bool:
    return 0 <= other.unit.line - first.unit.line <= NEAR and (
        other.unit.section == first.unit.section or other.unit.line == first.unit.line
    )
