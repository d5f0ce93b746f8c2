"""Private keys that everybody has, because a project publishes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bartizan.model.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """One project (`of`) and the marks of its keys, as `syntax.privatekey.key_mark` makes them, with blanks between."""

    of: str
    marks: str


@dataclass(frozen=True, kw_only=True)
class PublishedKeys:
    """One sheet of publishers."""

    sources: tuple[Publisher, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The sheet only carries facts."""
        return ()

    @cached_property
    def publishers(self) -> dict[str, str]:
        """The project by mark."""
        return {mark: source.of for source in self.sources for mark in source.marks.split()}
