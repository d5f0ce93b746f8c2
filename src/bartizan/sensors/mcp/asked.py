"""Parameters that ask who calls, or for what the model alone holds, by their names and by what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bartizan.model.document import Keys
from bartizan.model.severity import Severity
from bartizan.rules.toolfacts import ToolFacts
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.offer import Item
from bartizan.syntax.pattern import compiled

MOST_PARAMETERS = 400
_DOCUMENTED = re.compile(
    r"^[ \t]*[-*]?[ \t]*`{0,2}(\w{3,60})`{0,2}[ \t]*(?:\([^)\n]{0,80}\))?[ \t]*:[ \t]+(\S.{0,300})", re.MULTILINE
)
"""A line of a docstring that says what a parameter is for."""


def asked_flaws(item: Item, facts: ToolFacts) -> Iterator[Flaw]:
    """The first parameter that no call of such a tool needs.

    A tool that is about models, prompts or conversations may ask for them.
    """
    parameters = list(_parameters(item))
    names, texts = compiled(facts.caller_names), compiled(facts.caller_texts)
    if not names.search("\n".join(name for name, _, _ in parameters)) and not texts.search(
        "\n".join(text for _, text, _ in parameters)
    ):
        return
    if compiled(facts.caller_tools).search(f"{item.name.replace('_', ' ')} {_purpose(item.description)}"):
        return
    for name, text, way in parameters:
        by_name = names.search(name) and not compiled(facts.caller_free).search(text)
        if by_name or texts.search(text):
            said = f": {text[:160]}" if text else ""
            yield Flaw(
                "context-harvest",
                way,
                f"the parameter {name} asks for what only the model knows{said}",
                severity=Severity.MEDIUM,
                proof=f"asked|{item.name}|{name}",
            )
            return


def _purpose(description: str) -> str:
    """What comes before the parameters are described."""
    documented = _DOCUMENTED.search(description)
    return description[: documented.start() if documented else 400][:400]


def _parameters(item: Item) -> Iterator[tuple[str, str, Keys]]:
    """Name, what is said of it, and place of each parameter; those of the docstring too."""
    documented: dict[str, str] = {}
    if "\n" in item.description:
        documented = {match[1]: match[2] for match in _DOCUMENTED.finditer(item.description[:6000])}
    key = next((key for key in ("inputSchema", "input_schema", "parameters") if key in item.value), "inputSchema")
    for name, schema in list(item.parameters.items())[:MOST_PARAMETERS]:
        said: Mapping[str, Any] = schema if isinstance(schema, dict) else {}
        text = said.get("description") or documented.get(str(name), "")
        yield str(name), str(text), (key, "properties", name)
    for name, text in documented.items():
        if name not in item.parameters:
            yield name, text, ("description",)
