"""What the readers of all formats share: the lists of the packs and the limits."""

from __future__ import annotations

from bartizan.rules.library import Library
from bartizan.rules.model import ModelSheet
from bartizan.sensors.models.pickles.names import NameTable

UNPACKED = 256 << 20
"""Bytes that one packed stream or member may grow to."""


class Bench:
    """The lists of `packs/models`, joined over its files."""

    def __init__(self, library: Library) -> None:
        sheets = library.sheets(ModelSheet)
        self.names = NameTable(sheet.pickle for sheet in sheets if sheet.pickle)
        self._words: dict[str, frozenset[str]] = {}
        for sheet in sheets:
            for key, words in sheet.words.items():
                self._words[key] = self._words.get(key, frozenset()) | frozenset(words)

    def words(self, key: str) -> frozenset[str]:
        """A named list of the packs; empty when no sheet has it."""
        return self._words.get(key, frozenset())
