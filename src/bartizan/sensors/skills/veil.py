"""Text hidden from the person who reads the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bartizan.model.asset import Asset
from bartizan.model.finding import Evidence, Finding
from bartizan.model.location import Location
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.skills import SkillRule
from bartizan.sensors.skills.judge import excerpt
from bartizan.syntax.unseen import Unseen, find_unseen

_HOW = {
    "tags": "Unicode tag characters",
    "selectors": "variation selectors used as bytes",
    "widthless": "zero-width characters",
    "bidi": "bidirectional controls",
    "ansi": "terminal escape sequences",
}


_PUSHED = re.compile(r"\S[ \t]*(?:\n[ \t]*){25,}\n?(?=[^\s])|\S[ \t]{300,}(?=\w)")
"""So much white space that what follows stands outside of the window; ordinary files have a few blank lines."""


def pushed_away(rules: Mapping[str, SkillRule], asset: Asset, place: Location, text: str) -> Iterator[Finding]:
    """Text that white space pushes out of sight, at its first place."""
    match = _PUSHED.search(text)
    if match:
        line = text.count("\n", 0, match.end()) + 1
        said = text[match.end() : match.end() + 300]
        yield rules["skills/text-out-of-sight"].finding(
            asset.id,
            replace(place, line=line),
            Evidence(
                "text",
                f"follows {match.group(0).count(chr(10)) or len(match.group(0))} blank lines or spaces",
                excerpt(said),
            ),
        )


def veiled(rules: Mapping[str, SkillRule], asset: Asset, place: Location, text: str) -> Iterator[Finding]:
    """One finding for each kind of hiding in the file: critical where the hidden text can be read."""
    runs: dict[str, list[Unseen]] = {}
    for run in find_unseen(text):
        runs.setdefault(run.kind, []).append(run)
    for kind, found in runs.items():
        said = " ".join(run.says for run in found if run.says)
        if kind == "ansi" or (kind == "widthless" and not said and sum(run.count for run in found) < 4):
            continue
        first = next((run for run in found if run.says), found[0])
        line = text.count("\n", 0, first.start) + 1
        summary = f"{sum(run.count for run in found)} {_HOW[kind]} ({first.points})"
        detail = f"decoded: {excerpt(said)}" if said else ""
        yield rules["skills/hidden-unicode"].finding(
            asset.id,
            replace(place, line=line),
            Evidence("text", summary, detail),
            severity=Severity.CRITICAL if len(said) >= 4 else Severity.HIGH if kind == "tags" else Severity.MEDIUM,
            confidence=Confidence.CERTAIN if len(said) >= 4 else Confidence.FIRM,
        )
