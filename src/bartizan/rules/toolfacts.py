"""What is known of tools by their names, texts and schemas."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bartizan.syntax.pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """Patterns that the checks of tools work with. Gaps are in line breaks and in spaces."""

    harvest_names: Pattern
    harvest_force: Pattern
    caller_names: Pattern
    """Names of parameters that ask who calls, or for what the model alone holds."""
    caller_texts: Pattern
    """What is said of such parameters."""
    caller_free: Pattern
    """What is said of a parameter that may be left out: its name alone proves nothing."""
    caller_tools: Pattern
    """Names and purposes of tools to which such parameters belong."""
    changing: Pattern
    destroying: Pattern
    changing_texts: Pattern
    """Beginnings of texts that say that the tool changes, sends or destroys, in several languages."""
    destroying_texts: Pattern
    harmless: Pattern
    hinted_reading: Pattern
    free_text: Pattern
    running: Pattern
    """The beginning of a text that says that commands or programs are run."""
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


def spoken(name: str) -> str:
    """A name in lower-case words: `get_mergeRequest` is `get merge request`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(re.sub(r"[^0-9A-Za-z\u00c0-\U0010ffff]+", " ", apart).lower().split())
