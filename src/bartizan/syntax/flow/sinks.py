"""Whether what a call is given is dangerous there."""

from __future__ import annotations

import re

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.given import Given
from bartizan.syntax.flow.places import fitting, last, place_of
from bartizan.syntax.flow.policy import Sink
from bartizan.syntax.flow.trail import Flow
from bartizan.syntax.flow.value import MISSING, STRANGE, Scope, Taint, Value
from bartizan.syntax.flow.walker import Walker
from bartizan.syntax.pattern import compiled

_SQL = re.compile(
    r"\b(?:select|insert|update|delete|from|where|pragma|drop|create|alter|call|exec|set|show|use|describe|values|"
    r"order by|grant|truncate|copy|attach|match|return|merge|like)\b",
    re.IGNORECASE,
)
_HEAD = re.compile(r"^(?:https?|wss?|ftp)://[^/\x00\x01?#]+(?:[/?#]|\.[a-z]{2,}(?::\d+)?\x00)")
"""A constant host, whatever follows it."""
_KNOWN_HEAD = re.compile(r"^\x01+(?!\x00?:?//)|^\x01+://\x01[^/\x00]*[/?#]|^(?:https?|wss?)://\x01[^/\x00]*[/?#]|^/")
"""A base address from the program's own settings, or a path on one."""


def check(
    follower: Walker, scope: Scope, node: tree.Call, name: str, holder: Value, given: Given, *, own: bool = False
) -> None:
    """Report each argument that is dangerous at this call. A method of the program's `own` is followed, not guessed."""
    for known, sink in follower.table.sinks.get(last(name), ()):
        if own and known.startswith("*."):
            continue
        if fitting(known, name) and _meant(sink, known, name, holder) and _needed(sink, given):
            for value in _arguments(sink, given, holder):
                found = _dangerous(follower, sink, value, given)
                if found is not None and _told(sink, found[0], value, given):
                    _report(follower, scope, node, sink, value, *found)
                    break


def _meant(sink: Sink, known: str, name: str, holder: Value) -> bool:
    """A method of anything counts only on what looks like the right thing."""
    if not known.startswith("*.") or not sink.receivers:
        return True
    receiver = name.rpartition(".")[0]
    return bool(compiled(sink.receivers).search(receiver)) or bool(
        holder.name and compiled(sink.receivers).search(holder.name)
    )


def _told(sink: Sink, taint: Taint, value: Value, given: Given) -> bool:
    written = next((place_of(node) for node, each in given.pairs if each is value), "")
    words = " ".join((taint.origin.rpartition(":")[2], written, *(step.text for step in taint.steps[1:])))
    return not sink.origins or bool(compiled(sink.origins).search(words))


def _needed(sink: Sink, given: Given) -> bool:
    """An option that must be set, or must not."""
    options = dict(given.keyed)
    for value in given.ordered:
        if value.items is not None and not value.listed:
            options.update({str(key): each for key, each in value.items.items()})
    if sink.needs:
        key, _, wanted = sink.needs.partition("=")
        option = options.get(key)
        if option is None or not _holds(option, wanted):
            return False
    for each in sink.unless:
        key, _, wanted = each.partition("=")
        option = options.get(key)
        if option is not None and (wanted in option.name or str(option.const).lower() == wanted.lower()):
            return False
        if key.isdigit() and int(key) < len(given.ordered) and wanted in given.ordered[int(key)].name:
            return False
    return True


def _holds(option: Value, wanted: str) -> bool:
    """Whether an option is as wanted; one that a stranger chooses may be."""
    if option.const is MISSING:
        return bool(option.taints)
    return str(option.const).lower() == wanted or (wanted == "true" and bool(option.const))


def _arguments(sink: Sink, given: Given, holder: Value) -> list[Value]:
    if not sink.arguments:
        return [*given.ordered, *given.keyed.values()]
    found = [given.at(which) for which in sink.arguments]
    if "self" in sink.arguments:
        found.append(holder)
    for value in given.ordered:
        if value.items is not None and not value.listed:
            found += [value.items.get(which) for which in sink.arguments if isinstance(which, str)]
    return [each for each in found if each is not None]


def harmful(value: Value, kind: str) -> list[Taint]:
    """Taints that nothing has made harmless for the kind. For paths, a text without `..` behind a fixed head is."""
    found = [each for each in value.taints if each.harms(kind)]
    if kind != "path":
        return found
    headed = not value.form.startswith(STRANGE)
    return [
        each
        for each in found
        if not ("nodots" in each.marks and (headed or "noabs" in each.marks or "noslash" in each.marks))
        and not ("noslash" in each.marks and headed)
    ]


def _dangerous(follower: Walker, sink: Sink, value: Value, given: Given) -> tuple[Taint, str] | None:
    if not value.taints and not value.items and sink.shape != "argv":
        return None
    match sink.shape:
        case "argv":
            return _program(follower, sink, value, given)
        case "text":
            return _first(value, sink.kind) if not value.listed else None
        case "sql":
            return _statement(value)
        case "built":
            return None if value.form == STRANGE else _statement(value)
        case "url":
            if _HEAD.search(value.form) or _KNOWN_HEAD.search(value.form):
                return None
            return _first(value, sink.kind)
        case "name":
            return _first(value, sink.kind) if value.form.startswith(STRANGE) else None
    return _first(value, sink.kind)


def _first(value: Value, kind: str) -> tuple[Taint, str] | None:
    found = harmful(value, kind)
    return (found[0], "whole" if value.form == STRANGE else "part") if found else None


def _program(follower: Walker, sink: Sink, value: Value, given: Given) -> tuple[Taint, str] | None:
    """The program that is started, or the text that a shell or interpreter is given to run."""
    rest = [each for each in given.ordered if each is not value and each.listed]
    more = [item for each in rest for item in (each.items or {}).values()]
    words = list(value.items.values()) if value.items is not None else [value, *more]
    if not words:
        return None
    if words[0].taints and words[0].form.startswith(STRANGE):
        return _first(words[0], sink.kind)
    program = words[0].form.rpartition("/")[2].removesuffix(".exe").lower()
    if program in follower.policy.shells:
        for flag, text in zip(words[1:], words[2:], strict=False):
            if (
                str(flag.form).lower() in ("-c", "/c", "-e", "-command", "--eval", "-lc", "-ic", "/k", "-r", "-p")
                and text.taints
            ):
                return _first(text, sink.kind)
    return None


def _statement(value: Value) -> tuple[Taint, str] | None:
    found = harmful(value, "sql")
    if not found:
        return None
    if value.form == STRANGE:
        return found[0], "whole"
    return (found[0], "part") if _SQL.search(value.form) else None


def _report(follower: Walker, scope: Scope, node: tree.Call, sink: Sink, value: Value, taint: Taint, how: str) -> None:
    step = follower.step(scope, node.line)
    if step is None:
        return
    follower.report(Flow(sink.kind, step.file, node.line, step.text, taint, how, taint.marks))
