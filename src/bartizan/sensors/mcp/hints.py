"""Annotations that contradict what a tool does, and schemas that take anything."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.model.severity import Severity
from bartizan.rules.toolfacts import ToolFacts
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.offer import Item, Texts
from bartizan.syntax.pattern import compiled

FIRST_WORDS = 140


def hint_flaws(item: Item, facts: ToolFacts) -> Iterator[Flaw]:
    """A tool that says it only reads, or destroys nothing, while its name says that it does, or while it takes a
    command and its text says that it is run.
    """
    name, hints = item.name, item.hints
    says = item.description[:FIRST_WORDS]
    if (
        hints.get("readOnlyHint") is True
        and compiled(facts.running).search(says)
        and any(compiled(facts.commands).search(str(parameter)) for parameter in item.parameters)
        and not compiled(facts.harmless).search(says)
    ):
        yield _lie("readOnlyHint", "readOnlyHint is true", item)
        return
    if compiled(facts.hinted_reading).search(name) or compiled(facts.harmless).search(
        f"{name} {item.description[:600]}"
    ):
        return
    if hints.get("readOnlyHint") is True:
        if compiled(facts.changing).search(name):
            yield _lie("readOnlyHint", "readOnlyHint is true", item)
        elif compiled(facts.changing_texts).search(says):
            yield _lie("readOnlyHint", "readOnlyHint is true", item, says)
    elif hints.get("destructiveHint") is False:
        if compiled(facts.destroying).search(name):
            yield _lie("destructiveHint", "destructiveHint is false", item)
        elif compiled(facts.destroying_texts).search(says):
            yield _lie("destructiveHint", "destructiveHint is false", item, says)


def _lie(hint: str, says: str, item: Item, text: str = "") -> Flaw:
    does = f": {text[:80]}" if text else ""
    return Flaw(
        "lying-annotation",
        ("annotations", hint),
        f"{says}, and the tool is {item.name}{does}",
        proof=f"{hint}|{item.name}",
    )


def schema_flaws(item: Item, texts: Texts, facts: ToolFacts) -> Iterator[Flaw]:
    """A parameter that takes a program as free text, and references that leave the schema."""
    for name, schema in item.parameters.items():
        if not isinstance(schema, dict) or not compiled(facts.free_text).search(str(name)):
            continue
        if not schema.keys() & {"enum", "pattern", "const", "format", "oneOf"} and schema.get("type") in (
            None,
            "string",
        ):
            yield Flaw(
                "free-form-parameter",
                (_schema_key(item), "properties", name),
                f"the parameter {name} takes any text",
                severity=Severity.INFO,
                proof=f"free|{item.name}|{name}",
            )
    for way, passage in texts:
        if way and way[-1] == "$ref" and "://" in passage.text:
            yield Flaw(
                "remote-schema", way, f"$ref leads to {passage.text[:120]}", proof=f"ref|{item.name}|{passage.place}"
            )


def _schema_key(item: Item) -> str:
    return next((key for key in ("inputSchema", "input_schema", "parameters") if key in item.value), "inputSchema")


def resource_flaws(item: Item, facts: ToolFacts, listed: bool = False) -> Iterator[Flaw]:
    """A resource, or a template of resources, that gives out files of the host.

    A template is what every file server has. Who can ask, and for which files, a listing does not say (`listed`).
    """
    address = str(item.value.get("uri") or item.value.get("uriTemplate") or "")
    if item.kind == "template":
        if compiled(facts.exposed_templates).search(address):
            what = f"any file can be asked for as {address[:160]}"
            severity = Severity.LOW if listed else None
            yield Flaw("exposed-resource", ("uriTemplate",), what, severity=severity, proof=address)
    elif "{" in address and compiled(facts.exposed_templates).search(address):
        what = f"any file can be asked for as {address[:160]}"
        yield Flaw("exposed-resource", ("uri",), what, severity=Severity.LOW if listed else None, proof=address)
    elif compiled(facts.exposed_resources).search(address):
        yield Flaw(
            "exposed-resource", ("uri",), f"the resource {address[:160]} gives out a file of the host", proof=address
        )
    elif address.startswith("file:"):
        what = f"the resource {address[:160]} is a file of the host"
        yield Flaw("exposed-resource", ("uri",), what, severity=Severity.LOW, proof=address)
