"""Looks for the marks of hostile code in a piece of text."""

from __future__ import annotations

from bartizan.rules.library import Library
from bartizan.rules.package import Mark, PackageRule, PackageSheet
from bartizan.syntax.pattern import compiled

MAX_TEXT = 4 << 20


class Marks:
    """The marks of the domain's sheets."""

    def __init__(self, library: Library) -> None:
        self.marks: tuple[Mark, ...] = tuple(mark for sheet in library.sheets(PackageSheet) for mark in sheet.marks)
        self.harmless = tuple(pattern for sheet in library.sheets(PackageSheet) for pattern in sheet.harmless)

    def found(self, text: str) -> dict[str, int]:
        """Names of the marks in the text, with the position of the first of each."""
        found: dict[str, int] = {}
        text = text[:MAX_TEXT]
        for pattern in self.harmless:
            text = compiled(pattern).sub(lambda match: " " * len(match.group(0)), text)
        for mark in self.marks:
            match = compiled(mark.pattern).search(text)
            if match:
                found[mark.name] = match.start()
        return found

    def what(self, name: str) -> str:
        """The mark in words."""
        return next((mark.what for mark in self.marks if mark.name == name), name)


def telling(rule: PackageRule, names: set[str]) -> tuple[str, ...]:
    """The first of the rule's sets of marks that are all there; empty when none is."""
    return next((together for together in rule.together if names.issuperset(together)), ())
