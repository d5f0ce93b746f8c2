"""Texts of what a server offers: what steers a model, and what hides from a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bartizan.model.document import Keys
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.mcp import OfferFacts
from bartizan.rules.steering import learnt
from bartizan.rules.toolfacts import ToolFacts
from bartizan.rules.wording import Passage, Reader, Reading
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.offer import Item, Texts
from bartizan.syntax.encoded import find_encoded
from bartizan.syntax.pattern import compiled
from bartizan.syntax.script import mixed_scripts, plain
from bartizan.syntax.unseen import Unseen, find_unseen

MISPLACED = 1.5
BESIDE = 1.0
"""What the lists must have found beside a sentence that only resembles."""
SMALL = 4
"""Items of a listing that is small."""
UNSEEN_TITLES = {
    "tags": "tag characters",
    "selectors": "variation selectors",
    "widthless": "zero-width characters",
    "bidi": "characters that turn the writing direction",
    "ansi": "terminal codes",
}


class TextJudge:
    """Reads the texts of one item (or a server's instructions) and says what is wrong with them."""

    def __init__(self, facts: OfferFacts) -> None:
        self.facts = facts
        self.reader = Reader(facts.wording)

    def judge(self, kind: str, texts: Texts, own_names: Sequence[str], items: int = 1) -> Iterator[Flaw]:
        """Flaws whose ways lead to the text of one of so many `items`. Hidden text that says something is reported
        once, as hidden.
        """
        hidden = list(self._hidden(texts, own_names))
        yield from hidden
        clean = [Passage(passage.place, plain(passage.text)) for _, passage in texts]
        reading = self._read(clean, own_names, is_instruction=kind == "instructions")
        if reading.score >= self.facts.wording.report:
            yield self._steering(kind, texts, clean, reading)
            return
        if kind == "tool" and "store" in reading.anywhere:
            yield from self._harvest(texts, clean, own_names)
        if not hidden:
            said = list(self._encoded(texts, own_names)) or list(
                self._resembling(texts, clean, reading, own_names, items)
            )
            yield from said[:1]

    def _read(self, passages: list[Passage], own_names: Sequence[str], is_instruction: bool = False) -> Reading:
        """The reading of the passages; a guard's texts weigh less, and instructions may speak to the model."""
        reading = self.reader.read(passages, own_names)
        score = self.reader.weighed(reading, passages[0].text if passages else "")
        if score >= MISPLACED and reading.hits and _is_value(passages[reading.hits[0].passage].place):
            score += MISPLACED  # sentences that steer have no business among values
        if is_instruction and "frame" in reading.ids:
            score -= 1.25
        return Reading(score, reading.hits, reading.anywhere)

    def _steering(self, kind: str, texts: Texts, clean: list[Passage], reading: Reading) -> Flaw:
        first = reading.hits[0]
        passage = clean[first.passage]
        last = max(hit.end for hit in reading.hits)
        says = "; ".join(dict.fromkeys(hit.signal.says for hit in reading.hits))
        severe = reading.score >= self.facts.wording.severe
        own_rule = _own_rule(reading)
        severity = None if own_rule else Severity.CRITICAL if severe else Severity.HIGH
        return Flaw(
            own_rule or _slug(kind, reading),
            texts[first.passage][0],
            f"{_named(passage.place)} {says}",
            severity=severity,
            confidence=Confidence.FIRM if severe else Confidence.TENTATIVE,
            detail=shown(passage.text[max(0, first.start - 40) : last + 40]),
            proof=f"wording|{passage.place}",
        )

    def _hidden(self, texts: Texts, own_names: Sequence[str]) -> Iterator[Flaw]:
        """One flaw for each text that holds what a person does not see."""
        for way, passage in texts:
            unseen = list(find_unseen(passage.text))
            if unseen:
                yield self._unseen(way, passage, unseen)
                continue
            gap = self._gap(passage.text)
            if gap:
                after = passage.text[gap.end() :]
                loud = self._read([Passage(passage.place, plain(after))], own_names).score >= 2
                yield Flaw(
                    "hidden-text",
                    way,
                    f"{_named(passage.place)} goes on after {gap.end() - gap.start()} blank characters",
                    severity=Severity.HIGH if loud else None,
                    detail=shown(after[:300]),
                    proof=f"gap|{passage.place}",
                )

    def _unseen(self, way: Keys, passage: Passage, unseen: list[Unseen]) -> Flaw:
        worst = max(unseen, key=lambda run: (len(run.says), run.count))
        title = UNSEEN_TITLES.get(worst.kind, worst.kind)
        says = f", which say: {shown(worst.says[:200])}" if len(worst.says) >= 4 else ""
        visible = worst.kind in ("bidi", "ansi")
        severity = Severity.CRITICAL if says else Severity.HIGH if visible or worst.kind == "tags" else Severity.MEDIUM
        return Flaw(
            "hidden-text" if visible else "hidden-unicode",
            way,
            f"{_named(passage.place)} holds {title} ({worst.points}){says}",
            severity=severity,
            confidence=Confidence.CERTAIN if says else None,
            detail="; ".join(
                f"at {run.start}: {run.count} {UNSEEN_TITLES.get(run.kind, run.kind)}" for run in unseen[:8]
            ),
            proof=f"unseen|{passage.place}",
        )

    def _gap(self, text: str) -> re.Match[str] | None:
        """A run of blank lines or spaces with something after it."""
        lines, width = self.facts.tools.longest_gap, self.facts.tools.widest_gap
        if len(text) < lines:
            return None
        return re.search(
            rf"(?:[ \t\u00a0\u3000]*\r?\n){{{lines},}}(?=\s*\S)|[ \t\u00a0\u3000]{{{width},}}(?=\s*\S)", text
        )

    def _encoded(self, texts: Texts, own_names: Sequence[str]) -> Iterator[Flaw]:
        for way, passage in texts:
            if len(passage.text) < 40:
                continue
            for found in find_encoded(passage.text):
                if self._read([Passage(passage.place, plain(found.says))], own_names).score >= 3.5:
                    yield Flaw(
                        "encoded-instruction",
                        way,
                        f"{_named(passage.place)} holds {found.how} that reads: {shown(found.says[:200])}",
                        proof=f"encoded|{passage.place}",
                    )
                    break

    def _resembling(
        self, texts: Texts, clean: list[Passage], reading: Reading, own_names: Sequence[str], items: int
    ) -> Iterator[Flaw]:
        """Sentences that no list knows, but that resemble those which steer."""
        if not clean or self.reader.is_guard(clean[0].text):
            return
        steering = learnt()
        beside = reading.score >= BESIDE and any(not hit.signal.soft for hit in reading.hits)
        least = steering.mark(steering.table.support if beside else steering.table.report, items / SMALL)
        siblings = [name for name in own_names if "_" in name.strip("_") or not name.islower()]
        for (way, _), passage in zip(texts, clean, strict=True):
            for window in steering.heavy(passage.text):
                words = passage.text[window.start : window.end]
                if window.score < least:
                    break
                if self.reader.is_excused(words) or any(name in words for name in siblings):
                    continue
                yield Flaw(
                    "tool-poisoning",
                    way,
                    f"{_named(passage.place)} resembles texts that steer a model, by: {', '.join(window.words)}",
                    severity=Severity.MEDIUM,
                    confidence=Confidence.TENTATIVE,
                    detail=shown(words[:300]),
                    proof=f"resembles|{passage.place}",
                )
                return

    def _harvest(self, texts: Texts, clean: list[Passage], own_names: Sequence[str]) -> Iterator[Flaw]:
        """A parameter that asks for what the call does not need: the conversation, the prompt, keys."""
        facts = self.facts.tools
        for (way, _), passage in zip(texts, clean, strict=True):
            if "properties" not in way or way[-1] != "description" or len(way) < 3:
                continue
            reading = self.reader.read([passage], own_names)
            if "store" not in reading.ids or not compiled(facts.harvest_force).search(passage.text):
                continue
            forced = reading.ids & {"transfer", "coercion", "precondition", "conceal", "frame"}
            stranger = not compiled(facts.caller_tools).search(clean[0].text[:400]) and "/" not in passage.text
            if compiled(facts.harvest_names).search(str(way[-2])) or forced or stranger:
                yield Flaw(
                    "context-harvest",
                    way,
                    f"the parameter {way[-2]} asks for: {shown(passage.text[:160])}",
                    proof=f"harvest|{passage.place}",
                )


def _is_value(place: str) -> bool:
    """Whether only values and short labels stand at a place."""
    steps = place.split("/")
    if "properties" not in steps:
        return steps[-1] in ("title", "$comment") or steps[-1].startswith("x-")
    last = steps[-1] if not steps[-1].isdigit() else steps[-2]
    return last in ("enum", "default", "const", "title", "pattern", "examples", "format") and steps[-2] != "properties"


def default_flaws(item: Item, facts: ToolFacts) -> Iterator[Flaw]:
    """A person's address as the default of who gets something: whoever leaves it out sends a copy there."""
    for name, schema in item.parameters.items():
        if not isinstance(schema, dict) or not compiled(facts.recipients).search(str(name)):
            continue
        given = schema.get("default", (schema.get("items") or {}).get("default") if _has_items(schema) else None)
        for value in given if isinstance(given, list) else [given]:
            if isinstance(value, str) and compiled(facts.mail_addresses).search(value):
                yield Flaw(
                    "tool-poisoning",
                    ("inputSchema", "properties", name, "default"),
                    f"whoever leaves {name} out sends to {value[:120]}",
                    severity=Severity.HIGH,
                    proof=f"recipient|{item.name}|{name}",
                )


def _has_items(schema: Mapping[str, Any]) -> bool:
    return isinstance(schema.get("items"), dict)


def name_flaws(item: Item) -> Iterator[Flaw]:
    """A name that mixes scripts so that it looks like another."""
    strangers = mixed_scripts(item.name)
    if strangers:
        yield Flaw(
            "homoglyph-name",
            ("name",),
            f"the name {item.name!r} mixes scripts: {', '.join(strangers[:6])}",
            confidence=Confidence.CERTAIN,
            proof=f"homoglyph|{item.name}",
        )


def shown(text: str) -> str:
    """Text that is safe to print: control and invisible characters by their code points, in one line."""
    return "".join(
        char if char.isprintable() else " " if char in "\n\t\r" else f"<U+{ord(char):04X}>" for char in text
    ).strip()


def _named(place: str) -> str:
    steps = [step for step in place.split("/") if step not in ("inputSchema", "properties")]
    return " ".join(reversed([step for step in steps if step])) or "the text"


def _own_rule(reading: Reading) -> str:
    """The rule of the signals that have one of their own, where nothing else of weight stands beside them."""
    firm = {hit.signal.rule for hit in reading.hits if not hit.signal.soft}
    return firm.pop() if len(firm) == 1 else ""


def _slug(kind: str, reading: Reading) -> str:
    if kind != "tool":
        return "poisoned-instructions"
    return (
        "tool-shadowing"
        if reading.ids & {"foreign", "forbid", "discredit", "tamper", "prefer"} and not reading.ids & {"store"}
        else "tool-poisoning"
    )
