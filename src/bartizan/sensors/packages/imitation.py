"""Tells names that imitate well-known packages, and names that language models invent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bartizan.rules.package import Names

SHORTEST = 5
"""Below this many characters every word is near another."""
_LOOKALIKES = str.maketrans("01345|", "oleasl")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = frozenset("aeiou")


@dataclass(slots=True)
class Vocabulary:
    """The names of one ecosystem, ready to be asked."""

    protected: frozenset[str]
    existing: frozenset[str]
    invented: dict[str, str]
    _near: dict[str, set[str]] = field(default_factory=dict, repr=False)
    _flat: dict[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, names: Names) -> Vocabulary:
        """Made of what a sheet writes down."""
        protected = frozenset(names.protected.split())
        existing = frozenset(names.existing.split())
        invented = {
            name: brand
            for brand in names.brands.split()
            for shape in names.shapes
            if (name := shape.format(brand)) not in existing and name not in protected
        }
        vocabulary = cls(protected, existing, invented)
        for name in protected:
            if len(name) >= SHORTEST:
                vocabulary._flat.setdefault(_flat(name), name)
                for shorter in _shortened(name):
                    vocabulary._near.setdefault(shorter, set()).add(name)
        return vocabulary

    def imitated(self, name: str) -> str:
        """The protected name that this one imitates; the empty string for real names and for strangers."""
        if name in self.protected or name in self.existing or len(name) < SHORTEST - 1:
            return ""
        if (meant := self._flat.get(_flat(name))) is not None:
            return meant
        candidates = {meant for shorter in _shortened(name) for meant in self._near.get(shorter, ())}
        return next((meant for meant in sorted(candidates) if is_slip(name, meant)), "")

    def invention_of(self, name: str) -> str:
        """The brand that an invented name is made of, else the empty string."""
        return self.invented.get(name, "")


def _flat(name: str) -> str:
    """Without separators, digits that look like letters read as such."""
    flat = "".join(character for character in name if character not in "-_.")
    return flat.translate(_LOOKALIKES).replace("rn", "m").replace("vv", "w") if not flat.isdigit() else flat


def _shortened(name: str) -> Iterable[str]:
    yield name
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]


def is_slip(name: str, meant: str) -> bool:
    """Whether a finger's slip turns `meant` into `name`: a swap, a doubled, lost or neighbouring letter.

    In names of nine characters and more, any single edit counts. Numbers at the end tell releases of a family
    apart (`cu11`, `cu12`) and are no slips.
    """
    if name.rstrip("0123456789") == meant.rstrip("0123456789") and name[-1:].isdigit() and meant[-1:].isdigit():
        return False
    size = len(name) - len(meant)
    if size == 0:
        return _is_swap_or_neighbour(name, meant)
    if size == 1:
        at = _first_difference(name, meant)
        if name[:at] + name[at + 1 :] != meant:
            return False
        doubled = name[at] in (name[at - 1 : at] or "-")
        return doubled or len(meant) >= 9
    if size == -1:
        at = _first_difference(meant, name)
        return meant[:at] + meant[at + 1 :] == name and len(meant) >= 6 and at > 0
    return False


def _is_swap_or_neighbour(name: str, meant: str) -> bool:
    different = [at for at in range(len(name)) if name[at] != meant[at]]
    if len(different) == 2 and different[1] == different[0] + 1:
        one, two = different
        return name[one] == meant[two] and name[two] == meant[one]
    if len(different) != 1:
        return False
    at = different[0]
    if len(meant) >= 9:
        return True
    both_vowels = name[at] in _VOWELS and meant[at] in _VOWELS
    return len(meant) >= 7 and (both_vowels or are_neighbours(name[at], meant[at]))


def _first_difference(longer: str, shorter: str) -> int:
    return next((at for at, letter in enumerate(shorter) if longer[at] != letter), len(shorter))


def are_neighbours(one: str, other: str) -> bool:
    """Whether two keys touch on a QWERTY keyboard, whose rows are shifted by about half a key."""
    places = {letter: (row, at) for row, letters in enumerate(_ROWS) for at, letter in enumerate(letters)}
    if one not in places or other not in places:
        return False
    (row, at), (other_row, other_at) = sorted((places[one], places[other]))
    if row == other_row:
        return abs(at - other_at) == 1
    return other_row - row == 1 and other_at in {at, at - 1}
