"""Tools that run without being asked for, and commands that a project runs on whoever opens it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bartizan.model.document import Document
from bartizan.model.severity import Severity
from bartizan.rules.client import Level
from bartizan.rules.entry import ServerEntry
from bartizan.rules.guard import Approvals, Hooks, Setting
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.syntax.pattern import compiled
from bartizan.syntax.way import values


def approval_flaws(entry: ServerEntry, facts: Approvals) -> Iterator[Flaw]:
    """Tools of one server that run unasked: one flaw at the first place, naming those that change something."""
    if not entry.approved:
        return
    everything = [word for word in entry.approved if word.text in facts.everything]
    changing = [word for word in entry.approved if changes(word.text, facts)]
    if everything:
        yield Flaw("auto-approve", everything[0].way, "every tool of the server runs unasked", proof="*")
    elif changing:
        names = ", ".join(word.text for word in changing[:6])
        yield Flaw("auto-approve", changing[0].way, f"tools that change or send run without being asked for: {names}")
    else:
        names = ", ".join(word.text for word in entry.approved[:6])
        yield Flaw("auto-approve", entry.approved[0].way, f"reading tools run unasked: {names}", severity=Severity.INFO)


def changes(name: str, facts: Approvals) -> bool:
    """Whether a tool's name says that it changes, sends or runs something."""
    bare = name.rpartition("__")[2] or name
    return bool(compiled(facts.changing).search(bare)) and not compiled(facts.reading).search(bare)


def setting_flaws(document: Document, facts: Approvals) -> Iterator[Flaw]:
    """Settings of the client as a whole."""
    allowed: list[str] = []
    for setting in facts.settings:
        for way, value in values(document.value, setting.way):
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if text in setting.values and not isinstance(value, dict | list):
                yield Flaw(
                    "auto-approve",
                    way,
                    f"{setting.way.replace(chr(92), '')} is {text}",
                    severity=_severity(document.value, setting),
                )
                allowed.append(text)
    for way, value in values(document.value, "permissions.allow.*"):
        if isinstance(value, str) and value not in allowed and value.startswith("mcp__"):
            tool = value.split("__", 2)[2] if value.count("__") > 1 else "*"
            if tool in facts.everything:
                yield Flaw("auto-approve", way, f"every tool of the server {value.split('__')[1]} runs unasked")
            elif changes(tool, facts):
                yield Flaw("auto-approve", way, f"{value} runs without being asked for")


def _severity(root: Any, setting: Setting) -> Severity:
    holds = isinstance(root, dict) and str(root.get(setting.only_with)) in setting.only_values
    return setting.raised if holds and setting.raised is not None else setting.severity


def hook_flaws(document: Document, level: Level, facts: Hooks) -> Iterator[Flaw]:
    """Commands in a project's settings that run when somebody opens or uses it."""
    for pattern in facts.ways:
        for way, value in values(document.value, pattern):
            text = " ".join(str(part) for part in value) if isinstance(value, list) else value
            if not isinstance(text, str) or not text.strip():
                continue
            hostile = bool(compiled(facts.hostile).search(text))
            if level is not Level.PROJECT:
                severity = Severity.MEDIUM if hostile else Severity.INFO
            elif compiled(facts.harmless).search(text.strip()) or (
                not hostile and compiled(facts.guarding).search(text.strip())
            ):
                severity = Severity.LOW
            else:
                severity = Severity.HIGH if hostile else Severity.MEDIUM
            kind = str(way[1]) if way[0] == "hooks" and len(way) > 1 else str(way[0])
            yield Flaw("startup-hook", way, f"{kind} runs: {_first_words(text)}", severity=severity)


def _first_words(text: str) -> str:
    words = text.split()
    shown = [word if len(word) <= 40 and "=" not in word else "…" for word in words[:6]]
    return " ".join(shown) + (" …" if len(words) > 6 else "")
