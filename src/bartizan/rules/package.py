"""What sheets of the packages domain hold: bad releases, names worth imitating, marks of hostile install code."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.model.rule import Rule
from bartizan.syntax.pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRelease:
    """Releases that were published to do harm: all of a name, or those `versions` of it.

    `name` is an identity as in `intel` (`pypi:litellm`, `npm:@scope/name`).
    """

    name: str
    what: str
    versions: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of one ecosystem, parted by white space.

    A name near a `protected` one is an imitation unless it is protected itself or known as `existing`. `shapes`
    (`{}-sdk`) filled with `brands` give the names that language models invent; those that exist stand in `existing`.
    """

    ecosystem: str
    protected: str
    existing: str = ""
    brands: str = ""
    shapes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """A library that puts AI into a program: `packages` are identities, `role` a word such as `llm` or `agent`."""

    slug: str
    role: str
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing that code may do. A rule names the marks that must come together."""

    name: str
    what: str
    pattern: Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRule(Rule):
    """A rule of the domain. `together` are alternatives, each a set of mark names that must all be present."""

    together: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSheet:
    """One file of the domain.

    `familiar` are patterns of whole `.pth` lines that known tools write; `marks` what the rules' `together` names;
    `harmless` what is taken out of a text before marks are looked for.
    """

    rules: tuple[PackageRule, ...] = ()
    releases: tuple[BadRelease, ...] = ()
    names: tuple[Names, ...] = ()
    sdks: tuple[Sdk, ...] = ()
    marks: tuple[Mark, ...] = ()
    harmless: tuple[Pattern, ...] = ()
    familiar: tuple[Pattern, ...] = field(default=())
