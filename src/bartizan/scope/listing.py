"""A list of targets: a file with one a line, which may have millions."""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from bartizan.model.errors import ScopeError, UsageError
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target, TargetKind, parse_target

MAX_LINE = 4096


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is neither empty nor a comment: its number, and its target or why it is none."""

    number: int
    target: Target | None
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines name a target, how many of them a path, and the first that names none."""

    usable: int
    paths: int
    flaw: str


def open_list(name: str) -> Target:
    """The target that stands for a list; `-` is stdin. Raises UsageError when it cannot be read.

    What can be read only once is copied to a file that lives as long as this process.
    """
    try:
        if name != "-" and stat.S_ISREG(os.stat(name).st_mode):
            with open(name, "rb"):
                return Target(TargetKind.LIST, name, path=os.path.abspath(name))
        copy, path = tempfile.mkstemp(prefix="bartizan-", suffix=".targets")
        atexit.register(_forget, path)
        with os.fdopen(copy, "wb") as out, sys.stdin.buffer if name == "-" else open(name, "rb") as piped:
            shutil.copyfileobj(piped, out)
    except OSError as error:
        raise UsageError(f"{name}: {(error.strerror or str(error)).lower()}") from None
    return Target(TargetKind.LIST, name, path=path)


def read_list(path: str) -> Iterator[Line]:
    """Every line with something in it. `#` begins a comment at the start of a line or behind a space."""
    with open(path, "rb") as file:
        number = 0
        while raw := file.readline(MAX_LINE):
            number += 1
            if len(raw) == MAX_LINE and not raw.endswith(b"\n"):
                while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield Line(number, None, f"longer than {MAX_LINE} bytes")
                continue
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            text = _without_comment(raw.decode("utf-8", "surrogateescape")).strip()
            if text:
                yield _line(number, text)


def check_list(listed: Target, guard: Guard) -> Tally:
    """Look through the whole list before anything is touched.

    Raises ScopeError, which names the line, for the first target outside the scope; no packet, no DNS question.
    """
    usable = paths = 0
    flaw = ""
    for line in read_list(listed.path):
        if line.target is None:
            flaw = flaw or f"{place(listed, line.number)}: {line.flaw}"
            continue
        try:
            guard.admit(line.target)
        except ScopeError as error:
            raise ScopeError(f"{place(listed, line.number)}: {error.what}", error.hint) from None
        usable += 1
        paths += line.target.kind is TargetKind.PATH
    return Tally(usable, paths, flaw)


def place(listed: Target, number: int) -> str:
    """How a line is named."""
    return f"{'stdin' if listed.text == '-' else listed.text}:{number}"


def _line(number: int, text: str) -> Line:
    if text == "-":
        return Line(number, None, "standard input cannot be named in a list")
    try:
        return Line(number, parse_target(text))
    except UsageError as error:
        shown = error.what.encode("utf-8", "backslashreplace").decode()
        return Line(number, None, shown[:200])


def _without_comment(text: str) -> str:
    if "#" not in text:
        return text
    if text.lstrip().startswith("#"):
        return ""
    at = min((at for mark in (" #", "\t#") if (at := text.find(mark)) >= 0), default=len(text))
    return text[:at]


def _forget(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
