"""Sheets of the domain `models`: its rules and the names its engines judge by."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.model.rule import Rule

Names = dict[str, tuple[str, ...]]
"""Module (or kind) to the names in it; a name may end in `*`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickleNames:
    """What a pickle may name.

    `reasons` explains the words used as keys of the denied tables. `denied_modules` (reason to modules) holds for
    every attribute and submodule; `denied` and `reviewed` (reason, or judge, to module to names) for single names.
    A reviewed name is judged by its arguments; the judges are words of `sensors.models.pickles.calls`. `allowed`
    are exact names; `classes` are packages whose names in class style are allowed, `libraries` packages whose
    functions no honest model calls unless they are allowed. `plain_words` are denied modules whose name is too
    common a word to condemn an attribute of that name; `alarming_words` make an unknown name suspicious, and
    `alarming_classes` a class of those packages; `makers` are patterns of functions allowed in `classes`; `former` are
    modules that the standard library had once.
    """

    reasons: dict[str, str] = field(default_factory=dict)
    denied_modules: Names = field(default_factory=dict)
    denied: dict[str, Names] = field(default_factory=dict)
    reviewed: dict[str, Names] = field(default_factory=dict)
    allowed: Names = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    plain_words: tuple[str, ...] = ()
    alarming_words: tuple[str, ...] = ()
    alarming_classes: tuple[str, ...] = ()
    makers: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSheet:
    """One file of `packs/models/`.

    `words` are named lists for the engines of single formats (operators, domains, keys); each engine says in its
    docstring which lists it reads.
    """

    rules: tuple[Rule, ...] = ()
    pickle: PickleNames | None = None
    words: Names = field(default_factory=dict)
