"""What is known of tools by their names, texts and schemas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bartizan.syntax.pattern import Pattern, compiled

BEGINNING = 280
"""Characters of a description that say what a tool does; what follows is advice."""
ABILITIES = ("untrusted", "private", "external", "write", "execute")
"""What a tool can do: bring in text that strangers wrote, read what is not public, send to strangers, change, run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """Patterns that the checks of tools work with. Gaps are in line breaks and in spaces."""

    harvest_names: Pattern
    harvest_force: Pattern
    changing: Pattern
    destroying: Pattern
    harmless: Pattern
    hinted_reading: Pattern
    free_text: Pattern
    commands: Pattern
    """Names of parameters that hold a command line or a program."""
    exposed_resources: Pattern
    exposed_templates: Pattern
    recipients: Pattern
    """Names of parameters that say who gets something."""
    mail_addresses: Pattern
    stacks: Pattern
    """What only a program's stack says, in an answer to a malformed question."""
    visitors: tuple[str, ...]
    """Names of clients under which a list is asked for again."""
    longest_gap: int
    widest_gap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """How one ability shows. `names` match the tool's name in words, `texts` its beginning, `parameters` their names;
    `not_names` are names whose verb rules it out.
    """

    names: Pattern
    texts: Pattern
    parameters: Pattern = "a^"
    not_names: Pattern = "a^"


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """How each ability shows, and what takes `untrusted` and `private` back."""

    untrusted: Ability
    private: Ability
    external: Ability
    write: Ability
    execute: Ability
    trusted_sources: Pattern

    def of(self, name: str, text: str, parameters: Sequence[str], hints: Mapping[str, Any]) -> frozenset[str]:
        """The abilities of a tool, from its name, the beginning of its text and its parameters.

        A name that says so is enough; a text is enough where the name does not deny it. The hint that it only reads
        takes `write` and `execute` back, the hint of a closed world `untrusted` and `external`.
        """
        found: set[str] = set()
        words, beginning = spoken(name), text[:BEGINNING]
        for ability in ABILITIES:
            facts: Ability = getattr(self, ability)
            if compiled(facts.not_names).search(words):
                continue
            by_name = compiled(facts.names).search(words)
            by_text = compiled(facts.texts).search(beginning)
            if by_name or by_text or any(compiled(facts.parameters).search(parameter) for parameter in parameters):
                found.add(ability)
        if compiled(self.trusted_sources).search(text[:300]):
            found -= {"untrusted", "private"}
        if hints.get("readOnlyHint") is True:
            found -= {"write"} if "execute" in found else {"write", "execute"}
        if hints.get("openWorldHint") is False:
            found -= {"untrusted", "external"}
        return frozenset(found)


def spoken(name: str) -> str:
    """A name in lower-case words: `get_mergeRequest` is `get merge request`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(re.sub(r"[^0-9A-Za-z\u00c0-\U0010ffff]+", " ", apart).lower().split())
