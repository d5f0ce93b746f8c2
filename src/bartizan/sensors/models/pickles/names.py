"""Judges what a pickle names: allow, review, unknown or deny, by exact name before anything else."""

from __future__ import annotations

import _compat_pickle
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache

from bartizan.rules.model import Names, PickleNames

_CLASS_STYLE = re.compile(r"_*[A-Z]\w*\Z")
_DUNDER = re.compile(r"__\w+__\Z")
_PLAIN = re.compile(r"[\w.]+\Z", re.ASCII)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Standing(StrEnum):
    """The ladder of verdicts, for a name and for a whole artefact."""

    ALLOW = "allow"
    REVIEW = "review"
    UNKNOWN = "unknown"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a name stands. `reason` is a word of the pack for DENY; `judge` says how calls of it are judged.

    `suspicious` marks an unknown name that no honest model would call; `passive` one that is harmless while nobody
    calls it (a metric of a known library that an estimator refers to).
    """

    standing: Standing
    reason: str = ""
    judge: str = ""
    suspicious: bool = False
    passive: bool = False


ALLOW = Judgement(Standing.ALLOW)
COMPUTED = "<computed>"
"""Stands for a name that is put together while loading."""
UNKNOWN = Judgement(Standing.UNKNOWN)


class NameTable:
    """The names of the packs, ready to be asked."""

    def __init__(self, sheets: Iterable[PickleNames]) -> None:
        self._exact: dict[tuple[str, str], Judgement] = {}
        self._patterns: dict[str, list[tuple[str, Judgement]]] = {}
        self._modules: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        classes: set[str] = set()
        libraries: set[str] = set()
        plain: set[str] = set()
        alarming: set[str] = set()
        hosts: set[str] = set()
        makers: list[str] = []
        former: set[str] = set()
        for sheet in sheets:
            self.reasons.update(sheet.reasons)
            self._take(sheet.allowed, ALLOW)
            for judge, names in sheet.reviewed.items():
                self._take(names, Judgement(Standing.REVIEW, judge=judge))
            for reason, names in sheet.denied.items():
                self._take(names, Judgement(Standing.DENY, reason))
            for reason, modules in sheet.denied_modules.items():
                self._modules.update(dict.fromkeys(modules, reason))
            classes.update(sheet.classes)
            libraries.update(sheet.libraries)
            plain.update(sheet.plain_words)
            alarming.update(sheet.alarming_words)
            hosts.update(sheet.alarming_classes)
            makers += sheet.makers
            former.update(sheet.former)
        self._classes, self._libraries, self._alarming = frozenset(classes), frozenset(libraries), frozenset(alarming)
        self._alarming_classes, self._makers = frozenset(hosts), tuple(makers)
        self._stdlib = sys.stdlib_module_names | former
        self._walkable = frozenset(name for name in self._modules if "." not in name) - plain
        self.judge = lru_cache(maxsize=4096)(self._judge)

    def _take(self, names: Names, judgement: Judgement) -> None:
        for module, members in names.items():
            for name in members:
                if "*" in name:
                    self._patterns.setdefault(module, []).append((name, judgement))
                else:
                    self._exact[module, name] = judgement

    def _judge(self, module: str, name: str, protocol: int = 4) -> Judgement:
        """How `module` and `name`, as they stand in a stream of that protocol, are to be taken.

        Below protocol 3 the names of Python 2 are translated as the unpickler does; the worse of both counts.
        """
        seen = self._judge_one(module, name)
        if protocol < 3:
            renamed = _compat_pickle.NAME_MAPPING.get((module, name))
            other = renamed or (_compat_pickle.IMPORT_MAPPING.get(module, module), name)
            if other != (module, name):
                translated = self._judge_one(*other)
                return seen if seen.standing is Standing.DENY else translated
        return seen

    def _judge_one(self, module: str, name: str) -> Judgement:
        if COMPUTED in (module, name):
            return Judgement(Standing.DENY, "computed")
        known = self._known(module, name)
        if known:
            return known
        if not _PLAIN.match(module) or not _PLAIN.match(name):
            return Judgement(Standing.UNKNOWN, "obscured", suspicious=True)
        if "." in name and (same := self._submodule(module, name)):
            return same
        reason = self._walk(module, name) if "." in name else ""
        reason = reason or self._denied_module(module) or self._escape(name)
        if reason:
            return Judgement(Standing.DENY, reason)
        return self._unlisted(module, name)

    def _known(self, module: str, name: str) -> Judgement | None:
        """An exact entry, else the first pattern that fits. Patterns never allow a walk."""
        found = self._exact.get((module, name))
        if found is not None or module not in self._patterns:
            return found
        for pattern, seen in self._patterns[module]:
            may_walk = seen.standing is Standing.DENY or not ("." in name or self._escape(name))
            if may_walk and fnmatchcase(name, pattern):
                return seen
        return None

    def _denied_module(self, module: str) -> str:
        """The reason for which the module, or a package above it, is denied; else empty."""
        while module:
            if module in self._modules:
                return self._modules[module]
            module = module.rpartition(".")[0]
        return ""

    def _escape(self, name: str) -> str:
        """An attribute that is itself a dangerous module, or a way into the interpreter."""
        parts = name.split(".")
        for part in parts:
            if part.lstrip("_") in self._walkable and not _CLASS_STYLE.match(part):
                return "walk"
            if _DUNDER.match(part) and part != "__init__":
                return "walk"
        return ""

    def _submodule(self, module: str, name: str) -> Judgement | None:
        """`package : module.name` is `package.module : name`."""
        head, _, rest = name.rpartition(".")
        return self._known(f"{module}.{head}", rest)

    def _walk(self, module: str, name: str) -> str:
        """A dotted name read at each of its dots as `module.parts : rest` and as `parts : rest`."""
        parts = name.split(".")
        for cut in range(1, len(parts)):
            head, rest = ".".join(parts[:cut]), ".".join(parts[cut:])
            for place in (f"{module}.{head}", head):
                known = self._known(place, rest)
                if known and known.standing is Standing.DENY:
                    return known.reason
                if reason := self._denied_module(place) if place != head or head.lstrip("_") in self._walkable else "":
                    return reason
        return ""

    def _unlisted(self, module: str, name: str) -> Judgement:
        """Neither allowed nor denied by name: classes of model libraries pass, the rest is unknown, more or less."""
        words = {word.lower() for word in _WORDS.findall(name)}
        in_style = all(_CLASS_STYLE.match(part) for part in name.split("."))
        at_home = self._within(module, self._classes)
        if in_style and at_home and not words & self._alarming_classes:
            return ALLOW
        if at_home and "." not in name and any(fnmatchcase(name, maker) for maker in self._makers):
            return ALLOW
        if module.partition(".")[0] in self._stdlib or words & self._alarming:
            return Judgement(Standing.UNKNOWN, suspicious=True)
        in_library = at_home or self._within(module, self._libraries)
        return Judgement(
            Standing.UNKNOWN, suspicious=in_library and not in_style, passive=in_library and "." not in name
        )

    @staticmethod
    def _within(module: str, packages: frozenset[str]) -> bool:
        while module:
            if module in packages:
                return True
            module = module.rpartition(".")[0]
        return False

    def alarms(self, name: str) -> bool:
        """Whether a name that byte code uses is a dangerous module, or a builtin that runs code."""
        return name in self._walkable or self._judge_one("builtins", name).reason in ("code", "resolve")

    def denied(self, module: str) -> bool:
        """Whether everything in the module is denied."""
        return bool(self._denied_module(module))
