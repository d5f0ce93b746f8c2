"""Many patterns looked for in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterable

import re2

_COUNTED = re.compile(r"\{0,\d{2,}\}")


class PatternSet:
    """Says which of its patterns may occur in a text, letter case aside.

    Counted gaps are read as gaps of any length, because an automaton that counts a hundred characters for each of a
    hundred patterns no longer fits into memory. So an answer is a candidate: whoever acts on it searches once more
    with `syntax.pattern.compiled`.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(patterns)
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = False
        options.max_mem = 256 << 20
        self._set = re2.Set.SearchSet(options)
        for pattern in self.patterns:
            self._set.Add(_COUNTED.sub("*", pattern))
        if self.patterns:
            self._set.Compile()

    def match(self, text: str) -> list[int]:
        """Indexes of the candidates, ascending."""
        return sorted(self._set.Match(text) or ()) if self.patterns else []
