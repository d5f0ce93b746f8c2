"""The small tree into which every language is lowered: only what matters to the way of a value is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Expression:
    """Anything that has a value. `line` counts from 1."""

    line: int


@dataclass(slots=True, eq=False)
class Name(Expression):
    """A variable."""

    id: str


@dataclass(slots=True, eq=False)
class Constant(Expression):
    """A literal: text, number, truth value, None."""

    value: Any


@dataclass(slots=True, eq=False)
class Pattern(Expression):
    """A regular expression literal."""

    pattern: str


@dataclass(slots=True, eq=False)
class Member(Expression):
    """`object.name`."""

    object: Expression
    name: str


@dataclass(slots=True, eq=False)
class Index(Expression):
    """`object[key]`; a slice has no key."""

    object: Expression
    key: Expression | None


@dataclass(slots=True, eq=False)
class Argument:
    """`value`, `name=value`, or spread `*value` / `...value` / `**value`."""

    value: Expression
    name: str = ""
    spread: bool = False


@dataclass(slots=True, eq=False)
class Call(Expression):
    """`function(arguments)`; `new` for constructors of JavaScript."""

    function: Expression
    arguments: list[Argument]
    new: bool = False


@dataclass(slots=True, eq=False)
class Text(Expression):
    """Joined text: f-strings, templates, concatenation."""

    parts: list[Expression]


@dataclass(slots=True, eq=False)
class Compare(Expression):
    """`left operator right` with `== != in notin < instanceof`; other operators count as `<`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, eq=False)
class Logic(Expression):
    """`and`, `or` (also `??`) over the values, or `not` over one."""

    operator: str
    values: list[Expression]


@dataclass(slots=True, eq=False)
class Choice(Expression):
    """`yes if test else no`."""

    test: Expression
    yes: Expression
    no: Expression


@dataclass(slots=True, eq=False)
class Items(Expression):
    """A list, tuple, set or mapping literal. Keys are None in lists and for spread parts."""

    kind: str
    entries: list[tuple[Expression | None, Expression, bool]]
    """Key, value, and whether the value is spread."""


@dataclass(slots=True, eq=False)
class Each(Expression):
    """A comprehension: `value` for `target` in `source` when `tests`."""

    value: Expression
    target: Expression
    source: Expression
    tests: list[Expression]


@dataclass(slots=True, eq=False)
class Walrus(Expression):
    """An assignment used as a value."""

    target: Expression
    value: Expression


@dataclass(slots=True, eq=False)
class Mixed(Expression):
    """An operation without a meaning of its own here: it may carry any of its parts."""

    parts: list[Expression]


@dataclass(slots=True, eq=False)
class Parameter:
    """`pattern` is set for destructuring; `rest` for `*args`, `**kwargs` and `...rest`."""

    name: str
    annotation: Expression | None = None
    default: Expression | None = None
    pattern: Expression | None = None
    rest: bool = False


@dataclass(slots=True, eq=False)
class Function(Expression):
    """A function, method or lambda. `file` is its module's path."""

    name: str
    parameters: list[Parameter]
    body: list[Statement]
    file: str
    decorators: list[Expression] = field(default_factory=list)
    registers: bool = False
    """Whether something that may register a handler stands inside."""
    getter: bool = False
    """Whether it is read like a field."""


@dataclass(slots=True, eq=False)
class Statement:
    """Anything that is done. `line` counts from 1."""

    line: int


@dataclass(slots=True, eq=False)
class Assign(Statement):
    """`targets = value`; `adds` for `+=`."""

    targets: list[Expression]
    value: Expression
    adds: bool = False
    annotation: Expression | None = None


@dataclass(slots=True, eq=False)
class Do(Statement):
    """An expression for its effect."""

    value: Expression


@dataclass(slots=True, eq=False)
class Leave(Statement):
    """`return`, `raise`, `yield`, after which it goes on, and `jump` for `break` and `continue`."""

    how: str
    value: Expression | None = None


@dataclass(slots=True, eq=False)
class Branch(Statement):
    """`if test: yes else: no`."""

    test: Expression
    yes: list[Statement]
    no: list[Statement]


@dataclass(slots=True, eq=False)
class Loop(Statement):
    """`for target in source` or `while test`."""

    target: Expression | None
    source: Expression | None
    test: Expression | None
    body: list[Statement]


@dataclass(slots=True, eq=False)
class Attempt(Statement):
    """`try` with its handlers and what comes after both."""

    body: list[Statement]
    handlers: list[list[Statement]]
    final: list[Statement]


@dataclass(slots=True, eq=False)
class Define(Statement):
    """A named function."""

    function: Function


@dataclass(slots=True, eq=False)
class Class(Statement):
    """A class with its methods, annotated fields and other statements."""

    name: str
    bases: list[Expression]
    body: list[Statement]
    file: str


@dataclass(slots=True, eq=False)
class Import(Statement):
    """`from module import name as alias`; `name` is empty for the module itself, `*` for everything. `dots` is the
    number of leading dots of a Python import.
    """

    module: str
    name: str
    alias: str
    dots: int = 0


@dataclass(slots=True, eq=False)
class Module:
    """One file. `exports` maps what JavaScript exports to the names inside."""

    path: str
    language: str
    body: list[Statement]
    lines: list[str]
    exports: dict[str, str] = field(default_factory=dict)
