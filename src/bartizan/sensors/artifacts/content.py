"""What single texts say: orders to a model, hidden characters, personal data, formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.rules.dataset import DatasetSheet, PersonalKind, Phrase
from bartizan.rules.library import Library
from bartizan.syntax.pattern import compiled

NEAR = 400
AROUND = 160


@dataclass(frozen=True, slots=True)
class Order:
    """Where a text gives orders to a model, and by which phrases. `is_talk` says that it talks about such orders."""

    start: int
    end: int
    names: tuple[str, ...]
    is_talk: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """One phrase at one place."""

    start: int
    end: int
    phrase: Phrase


def _tells(near: list[Hit]) -> bool:
    """Whether the first of some neighbouring hits says enough, alone or with the others."""
    first = near[0].phrase
    if first.weight >= 2:
        return True
    others = [hit.phrase for hit in near if hit.phrase.name != first.name]
    return any(not (first.ordinary and other.ordinary) for other in others)


class Content:
    """The phrases and patterns of the domain's sheets."""

    def __init__(self, library: Library) -> None:
        sheets = library.sheets(DatasetSheet)
        self.orders: tuple[Phrase, ...] = tuple(one for sheet in sheets for one in sheet.orders)
        self.talk = tuple(one for sheet in sheets for one in sheet.talk)
        self.formulas: tuple[Phrase, ...] = tuple(one for sheet in sheets for one in sheet.formulas)
        self.personal: tuple[PersonalKind, ...] = tuple(one for sheet in sheets for one in sheet.personal)

    def orders_in(self, text: str) -> Iterator[Order]:
        """Each place where a phrase that tells stands alone, or two different ones stand near each other."""
        hits = [
            Hit(match.start(), match.end(), phrase)
            for phrase in self.orders
            for match in compiled(phrase.pattern).finditer(text)
        ]
        hits.sort(key=lambda hit: (hit.start, hit.end))
        last = -1
        for at, hit in enumerate(hits):
            near = [other for other in hits[at : at + 50] if other.start - hit.end <= NEAR]
            if hit.start > last and _tells(near):
                last = max(other.end for other in near)
                names = tuple(dict.fromkeys(other.phrase.name for other in near))
                yield Order(hit.start, last, names, self._is_talk(text, hit.start, hit.end))

    def may_hold_orders(self, raw: bytes) -> list[int]:
        """Positions (in UTF-8) at which some phrase stands: where it is worth reading on."""
        return [match.start() for phrase in self.orders for match in compiled(phrase.pattern).finditer(raw)]

    def _is_talk(self, text: str, start: int, end: int) -> bool:
        """Quoted, in code, or in a passage about attacks: described and not given."""
        before, after = text[max(start - AROUND, 0) : start], text[end : end + AROUND]
        passage = before + " " + after
        if any(compiled(pattern).search(passage) for pattern in self.talk):
            return True
        opened = re.search(r"[\"“”'‘`«„][^\"“”‘`«»„\n]{0,60}$", before)
        return bool(opened) and bool(re.match(r"[^\n\"“”’`»]{0,120}[\"“”’'`»]", after))

    def formula(self, cell: str) -> Phrase | None:
        """The formula of a cell that acts by itself, else None."""
        if not cell or cell.lstrip()[:1] not in {"=", "+", "-", "@"}:
            return None
        return next((one for one in self.formulas if compiled(one.pattern).search(cell[:2000])), None)

    def personal_in(self, text: str) -> dict[str, int]:
        """How often each kind of personal data stands in the text."""
        counts: dict[str, int] = {}
        for kind in self.personal:
            looks = [match.group(0) for match in compiled(kind.pattern).finditer(text)]
            found = sum(is_valid(look, kind.check) for look in looks)
            # Numbers of another kind pass a check digit now and then; a column of the real thing passes throughout.
            if found and found >= 0.5 * len(looks):
                counts[kind.name] = found
        return counts


def is_valid(text: str, check: str) -> bool:
    """Check digits: Luhn's (ISO/IEC 7812-1) for cards, modulo 97 (ISO 13616) for IBANs."""
    if check == "luhn":
        digits = [int(character) for character in text if character.isdigit()]
        doubled = [sum(divmod(digit * 2, 10)) if at % 2 else digit for at, digit in enumerate(reversed(digits))]
        return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0 and len(set(digits)) > 2
    if check == "iban":
        bare = text.replace(" ", "")
        if not 15 <= len(bare) <= 34:
            return False
        turned = bare[4:] + bare[:4]
        return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1
    return True
