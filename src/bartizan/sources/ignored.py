"""Which untracked files git would pass over: `.gitignore` as gitignore(5) describes it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import re2

from bartizan.syntax.pattern import compiled

_MAX = 1 << 20
_RULES = 5000


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern for paths below the folder of its file. `again` takes back what an earlier one ignored."""

    pattern: Any
    again: bool
    only_folders: bool


def untracked_files(top: str, below: str, tracked: set[bytes], exclude: str) -> Iterator[bytes]:
    """Paths from `top` of files below the folder `below` (empty: all) that are neither tracked nor ignored.

    Repositories inside are left to themselves. `exclude` is the repository's own file of patterns.
    """
    rules: list[tuple[str, list[Rule]]] = [("", read_rules(exclude))]
    at = ""
    for step in below.split(os.sep) if below else []:
        rules.append((at, read_rules(os.path.join(top, at, ".gitignore"))))
        at = os.path.join(at, step)
        if is_ignored(at, rules, folder=True):
            return
    pending = [(below, rules)]
    while pending:
        folder, above = pending.pop()
        own = read_rules(os.path.join(top, folder, ".gitignore"))
        here = [*above, (folder, own)] if own else above
        try:
            with os.scandir(os.path.join(top, folder)) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        if folder and any(entry.name == ".git" for entry in found):
            continue
        for entry in found:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name != ".git" and not is_ignored(path, here, folder=True):
                    pending.append((path, here))
            elif entry.is_file(follow_symlinks=False):
                raw = os.fsencode(path)
                if raw not in tracked and not is_ignored(path, here, folder=False):
                    yield raw


def is_ignored(path: str, rules: list[tuple[str, list[Rule]]], *, folder: bool) -> bool:
    """Whether the last rule that fits ignores the path. The folders above it are known not to be ignored."""
    for place, own in reversed(rules):
        name = path[len(place) + 1 :] if place else path
        shown = name.encode("utf-8", "replace")
        for rule in reversed(own):
            if (folder or not rule.only_folders) and rule.pattern.fullmatch(shown):
                return not rule.again
    return False


def read_rules(path: str) -> list[Rule]:
    """The rules of one file; none when it cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            text = (file.read(_MAX) or b"").decode("utf-8", "replace")
    except OSError:
        return []
    lines = (rule for line in text.splitlines() if (rule := _rule(line)) is not None)
    return [rule for _, rule in zip(range(_RULES), lines, strict=False)]


def _rule(line: str) -> Rule | None:
    if line.startswith("#"):
        return None
    text = re.sub(r"(?<!\\) +$", "", line)
    again = text.startswith("!")
    text = text[again:]
    only_folders = text.endswith("/")
    text = text.rstrip("/") if only_folders else text
    if not text:
        return None
    anchored = "/" in text
    body = _translated(text.removeprefix("/"))
    try:
        return Rule(compiled(f"(?s:{'' if anchored else '(?:.*/)?'}{body})"), again, only_folders)
    except re2.error:
        return None


def _translated(text: str) -> str:
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text.startswith("**/", at) and (at == 0 or text[at - 1] == "/"):
            parts.append("(?:.*/)?")
            at += 3
        elif text[at:] == "**" and at and text[at - 1] == "/":
            parts.append(".+")
            at += 2
        elif text[at] == "*":
            parts.append("[^/]*")
            at += 1
        elif text[at] == "?":
            parts.append("[^/]")
            at += 1
        elif found := re.match(r"\[([!^]?)(\]?[^\]/]*)\]", text[at:]):
            inside = found.group(2).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
            parts.append(f"[{'^/' if found.group(1) else ''}{inside}]")
            at += found.end()
        else:
            at += text[at] == "\\" and at + 1 < len(text)
            parts.append(re.escape(text[at]))
            at += 1
    return "".join(parts)
