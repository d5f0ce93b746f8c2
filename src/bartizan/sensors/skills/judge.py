"""Decides which signals keep the company that makes a finding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bartizan.model.severity import Confidence, Severity
from bartizan.rules.skills import Company, Scale, SkillRule
from bartizan.sensors.skills.reader import Hit
from bartizan.sensors.skills.tie import Ties
from bartizan.sensors.skills.weigh import weigh

REACH = 14
"""Lines over which the sentences of one passage may be spread."""

SPAN = 320
"""Characters of one sentence, table row or line between the signals of one thought."""

_TOKEN = re.compile(r"[A-Za-z0-9_\-]{24,}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One fulfilled company or tipped scale, at its first signal; `hits` has one for each signal that counted."""

    rule: SkillRule
    ground: Company | Scale
    hits: tuple[Hit, ...]

    @property
    def severity(self) -> Severity:
        """The company's or scale's, or the rule's."""
        return self.ground.severity or self.rule.severity

    @property
    def confidence(self) -> Confidence:
        """The company's, or the rule's; what was only weighed is tentative unless it says otherwise."""
        if self.ground.confidence is None and isinstance(self.ground, Scale):
            return Confidence.TENTATIVE
        return self.ground.confidence or self.rule.confidence


def judge(rules: Iterable[SkillRule], hits: list[Hit], ties: Ties) -> Iterator[Verdict]:
    """Every company that the hits of one bundle fulfil; of those on one line of one file, the strongest alone. `ties`
    say which of its files work together.
    """
    by_signal: dict[str, list[Hit]] = {}
    for hit in hits:
        by_signal.setdefault(hit.signal, []).append(hit)
    best: dict[tuple[str, int], Verdict] = {}
    for verdict in _verdicts(rules, by_signal, ties):
        place = (verdict.hits[0].unit.file, verdict.hits[0].unit.line)
        known = best.get(place)
        if known is None or _strength(verdict) > _strength(known):
            best[place] = verdict
    count: dict[tuple[str, str], int] = {}
    for place, verdict in sorted(_widest(best).items()):
        key = (verdict.rule.id, place[0])
        count[key] = count.get(key, 0) + 1
        if count[key] <= 5:
            yield verdict


def _widest(best: dict[tuple[str, int], Verdict]) -> dict[tuple[str, int], Verdict]:
    """Without those whose lines are all part of what the same rule says of more lines of the file."""
    told: dict[tuple[str, str], set[int]] = {}
    kept: dict[tuple[str, int], Verdict] = {}
    for place, verdict in sorted(best.items(), key=lambda item: (-len(_lines(item[1])), item[0])):
        known = told.setdefault((verdict.rule.id, place[0]), set())
        if not _lines(verdict) <= known:
            kept[place] = verdict
            known |= _lines(verdict)
    return kept


def _lines(verdict: Verdict) -> set[int]:
    file = verdict.hits[0].unit.file
    return {hit.unit.line for hit in verdict.hits if hit.unit.file == file}


def _verdicts(rules: Iterable[SkillRule], by_signal: dict[str, list[Hit]], ties: Ties) -> Iterator[Verdict]:
    for rule in rules:
        for company in rule.matches:
            yield from _fulfilled(rule, company, by_signal, ties)
        for scale in rule.weighs:
            yield from (Verdict(rule, scale, found) for found in weigh(scale, by_signal))


def excerpt(text: str) -> str:
    """At most 200 characters of the text, with anything that may be a secret cut to its ends."""

    def cut(match: re.Match[str]) -> str:
        run = match.group(0)
        mixed = any(char.isdigit() for char in run) and any(char.isalpha() for char in run)
        return f"{run[:4]}…{run[-2:]}" if mixed else run

    return _TOKEN.sub(cut, " ".join(text.split()))[:200]


def _strength(verdict: Verdict) -> tuple[int, ...]:
    """Of equals, what a hook does before what any command does, the narrower rule, and the one that needed more."""
    by_itself = verdict.hits[0].unit.place == "hook"
    return (verdict.severity.rank, verdict.confidence.rank, by_itself, bool(verdict.ground.places), len(verdict.hits))


def _fulfilled(rule: SkillRule, company: Company, by_signal: dict[str, list[Hit]], ties: Ties) -> Iterator[Verdict]:
    anchors = by_signal.get(company.all[0], [])
    if not anchors or any(name not in by_signal for name in company.all[1:]):
        return
    told: set[str] = set()
    for anchor in anchors:
        if anchor.unit.file in told:
            continue
        if not company.shown and (anchor.unit.fenced or anchor.unit.shown_in):
            continue
        if company.places and anchor.unit.place not in company.places:
            continue
        found = [anchor]
        for name in company.all[1:]:
            near = next((hit for hit in by_signal[name] if _near(company.within, anchor, hit, ties)), None)
            if near is None:
                break
            found.append(near)
        else:
            excuses = (hit for name in company.none for hit in by_signal.get(name, []))
            if not any(_speaks_for(company.within, anchor, hit, ties) for hit in excuses):
                yield Verdict(rule, company, tuple(found))
                if company.within in ("file", "tied", "bundle") and not anchor.unit.fenced:
                    told.add(anchor.unit.file)


def _speaks_for(within: str, anchor: Hit, hit: Hit, ties: Ties) -> bool:
    """Whether a signal that excuses is near; what a skill says of itself excuses the commands that it shows, too."""
    return (within == "bundle" and hit.unit.place in ("front", "heading")) or _near(within, anchor, hit, ties)


def _near(within: str, one: Hit, two: Hit, ties: Ties) -> bool:
    if within in ("bundle", "tied", "file") and (one.unit.fenced or two.unit.fenced):
        return one.unit.file == two.unit.file and one.unit.block == two.unit.block
    if within == "bundle" or (within == "tied" and two.unit.file in ties.get(one.unit.file, ())):
        return True
    if one.unit.file != two.unit.file:
        return False
    if within in ("file", "tied"):
        return True
    if within == "unit":
        together = one.unit.line == two.unit.line and one.unit.block == two.unit.block
        return together and (one.unit.text != two.unit.text or abs(one.start - two.start) <= SPAN)
    return abs(one.unit.line - two.unit.line) <= REACH and one.unit.section == two.unit.section
