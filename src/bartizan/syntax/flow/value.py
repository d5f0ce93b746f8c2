"""What is known of a value while a program is followed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from bartizan.syntax.flow import tree

MISSING = object()
STRANGE = "\0"
"""In a form: a part that a stranger chose."""
UNKNOWN = "\1"
"""In a form: a part of which nothing is known, but that no stranger chose."""
PROVEN = "\0proven "
"""Before an origin, as a name in a scope: what has been shown of everything that comes from there."""
MAX_FORM = 2000
MAX_STEPS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One place on the way: file, line (from 1) and what happens there."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Taint:
    """A stranger's influence. `origin` names its entry; `clean` the kinds of sink for which it was made harmless."""

    origin: str
    steps: tuple[Step, ...]
    clean: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    followed: bool = False
    """Whether it is from a source of the policy, not from a stranger."""

    def harms(self, kind: str) -> bool:
        """Whether nothing on the way made it harmless for that kind."""
        return kind not in self.clean and "*" not in self.clean


@dataclass(frozen=True, slots=True)
class Fact:
    """What a check has shown of the value at a place (`name`, `name.member`, `name["key"]`), or, with `origins`, of
    everything that comes from there.
    """

    place: str = ""
    kinds: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Value:
    """`form` is its text with `STRANGE` and `UNKNOWN` for the parts not known; `name` the dotted name of a thing from
    outside the program; `targets` what a call of it would run; `yes` and `no` what holds when it is true or false.
    """

    taints: tuple[Taint, ...] = ()
    form: str = UNKNOWN
    name: str = ""
    const: Any = MISSING
    items: dict[Any, Value] | None = None
    listed: bool = False
    targets: tuple[Any, ...] = ()
    node: tree.Expression | None = None
    yes: tuple[Fact, ...] = ()
    no: tuple[Fact, ...] = ()
    birth: str = ""
    """The parameter that it still is, unchanged."""

    def cleaned(self, kinds: Iterable[str] = (), marks: Iterable[str] = ()) -> Value:
        """The same value, harmless for these kinds, items included."""
        more, signs = frozenset(kinds), frozenset(marks)
        taints = tuple(replace(each, clean=each.clean | more, marks=each.marks | signs) for each in self.taints)
        items = self.items and {key: each.cleaned(more, signs) for key, each in list(self.items.items())[:64]}
        return replace(self, taints=taints, items=items)

    def stepped(self, step: Step) -> Value:
        """The same value, one step further."""
        if not self.taints:
            return self
        taints = tuple(
            each
            if each.steps and each.steps[-1].line == step.line and each.steps[-1].file == step.file
            else replace(each, steps=(*each.steps, step)[-MAX_STEPS:] if len(each.steps) < MAX_STEPS else each.steps)
            for each in self.taints
        )
        return replace(self, taints=taints)

    def plain(self) -> Value:
        """Only its taints and form: what is left after an operation without a meaning here."""
        return Value(self.taints, STRANGE if self.taints else UNKNOWN)

    @property
    def origins(self) -> frozenset[str]:
        """Where its taints enter."""
        return frozenset(each.origin for each in self.taints)

    @property
    def marks(self) -> frozenset[str]:
        """Marks that all its taints share."""
        sets = [each.marks for each in self.taints]
        return frozenset.intersection(*sets) if sets else frozenset()


@dataclass(slots=True, eq=False)
class Scope:
    """Variables of one function; `parent` is where it was defined."""

    names: dict[str, Value] = field(default_factory=dict)
    parent: Scope | None = None
    module: tree.Module | None = None
    serial: int = field(default_factory=count().__next__)
    """Tells scopes apart for good: addresses of objects are used again."""

    def visible(self) -> list[tuple[str, Value]]:
        """Names of this scope and of those around it, without the file's own; inner ones hide outer ones."""
        found: dict[str, Value] = {}
        scope: Scope | None = self
        while scope is not None and (scope.parent is not None or scope is self):
            found = {**scope.names, **found}
            scope = scope.parent
        return list(found.items())

    def find(self, name: str) -> Value | None:
        """The innermost value of that name."""
        scope: Scope | None = self
        for _ in range(40):
            if scope is None:
                return None
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None


@dataclass(slots=True, eq=False)
class Closure:
    """A function with the scope it was defined in, and the object it is a method of."""

    function: tree.Function
    scope: Scope
    owner: Value | None = None


@dataclass(slots=True, eq=False)
class Blueprint:
    """A class: `fields` holds what any of its methods or instances keeps, `notes` annotated fields."""

    definition: tree.Class
    scope: Scope
    fields: dict[str, Value] = field(default_factory=dict)
    notes: dict[str, tree.Assign] = field(default_factory=dict)
    parents: tuple[Blueprint, ...] = ()
    serial: int = field(default_factory=count().__next__)

    def method(self, name: str, depth: int = 0) -> tuple[tree.Function, Scope] | None:
        """The method of that name, of this class or of a parent."""
        for each in self.definition.body:
            if isinstance(each, tree.Define) and each.function.name == name:
                return each.function, self.scope
        if depth < 6:
            for parent in self.parents:
                found = parent.method(name, depth + 1)
                if found:
                    return found
        return None


@dataclass(slots=True, eq=False)
class Instance:
    """Some object of that class."""

    of: Blueprint


@dataclass(slots=True, eq=False)
class ModuleRef:
    """A file of the program, as a value."""

    module: tree.Module


def common(one: frozenset[str], two: frozenset[str]) -> frozenset[str]:
    """Kinds for which both are clean; `*` stands for all of them."""
    return two if "*" in one else one if "*" in two else one & two


def joined(values: Iterable[Value]) -> Value:
    """What is known when it may be any of them: clean only where all are."""
    found = list(values)
    if not found:
        return Value()
    first = found[0]
    if all(each is first for each in found):
        return first
    taints: dict[str, Taint] = {}
    for value in found:
        for taint in value.taints:
            known = taints.get(taint.origin)
            if known is None:
                taints[taint.origin] = taint
            else:
                merged = replace(known, clean=common(known.clean, taint.clean), marks=known.marks & taint.marks)
                longer = taint if known.clean > taint.clean else known
                taints[taint.origin] = replace(merged, steps=longer.steps)
    worst = next((each for each in found if each.taints), first)
    forms = [each.form for each in found]
    form = (
        forms[0]
        if len(set(forms)) == 1
        else max((each.form for each in found if each.taints), key=len, default=UNKNOWN)
    )
    items = next((each.items for each in found if each.items), None)
    targets = tuple({id(target): target for each in found for target in each.targets}.values())[:8]
    same = all(each.const == first.const for each in found)
    return Value(
        tuple(taints.values())[:16],
        form,
        first.name if len({each.name for each in found}) == 1 else worst.name,
        first.const if same else MISSING,
        items,
        worst.listed or first.listed,
        targets,
        first.node,
    )


def text_of(parts: Iterable[Value]) -> Value:
    """The parts joined to one text."""
    taints: dict[str, Taint] = {}
    form = ""
    const: Any = ""
    for part in parts:
        for taint in part.taints:
            known = taints.get(taint.origin)
            taints[taint.origin] = (
                taint
                if known is None
                else replace(known, clean=common(known.clean, taint.clean), marks=known.marks & taint.marks)
            )
        form += part.form
        const = const + str(part.const) if const is not MISSING and isinstance(part.const, str | int) else MISSING
    return Value(tuple(taints.values()), form[:MAX_FORM], const=const if isinstance(const, str) else MISSING)


def constant(value: Any) -> Value:
    """A literal."""
    form = (
        value
        if isinstance(value, str)
        else str(value)
        if isinstance(value, int | float) and not isinstance(value, bool)
        else UNKNOWN
    )
    return Value((), form[:MAX_FORM], const=value)
