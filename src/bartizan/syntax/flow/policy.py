"""What the follower of values must know of the world: where values become dangerous, and what makes them harmless."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.syntax.pattern import Pattern

EVERY = "*"
"""In place of a sink's kind: all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """Calls that act on what they are given.

    `calls` are dotted names after imports (`os.system`, `child_process.exec`); `*.execute` is a method of anything
    whose name, written out, fits `receivers`. `arguments` are the positions and keywords that matter (all when
    empty). `shape` says when a value is dangerous: `any`; `text` (not a list of arguments); `argv` (the program, or the
    text behind a shell's `-c`); `sql` (text built around a value, or a whole statement); `built` (such a text
    only); `url` (the host is not
    fixed by a constant head); `name` (the whole value). `needs` is `keyword=value` of an option that must be so.
    """

    kind: str
    calls: tuple[str, ...]
    receivers: Pattern = ""
    arguments: tuple[int | str, ...] = ()
    shape: str = "any"
    needs: str = ""
    origins: Pattern = ""
    """What the parameter that a stranger chose must be called, where the receiver alone does not tell enough."""
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaner:
    """Calls whose result is harmless for `kinds`. With `checks`, they answer whether their argument is, or raise."""

    calls: tuple[str, ...]
    kinds: tuple[str, ...] = (EVERY,)
    checks: bool = False
    mark: str = ""
    """Set on the value instead of cleaning it: `resolved`, `relative`, `host`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """How a server names the functions that strangers call.

    `decorators` and `registrars` are last names (`tool` of `@mcp.tool()`, `registerTool` of
    `server.registerTool(name, config, handler)`); `receivers` is what the object before must look like. `bases` and
    `methods`: classes whose methods are handlers. `keys`: members of an object literal that hold a handler when one
    of `siblings` stands beside. `harmless` are parameters that the framework fills.
    """

    decorators: tuple[str, ...] = ()
    registrars: tuple[str, ...] = ()
    receivers: Pattern = ""
    bases: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    """Decorators of methods that count without an object before them."""
    keys: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    harmless: Pattern = ""
    harmless_types: Pattern = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything for one language. `carriers` give back what they are given; `wrappers` give back a function they are
    given; `callers` call it, with the position where its arguments begin. `probes` are, for each kind, texts that a
    check must refuse to count. `shells` are programs whose `-c` text is run.
    """

    entries: Entries
    sinks: tuple[Sink, ...]
    cleaners: tuple[Cleaner, ...]
    carriers: tuple[str, ...] = ()
    wrappers: tuple[str, ...] = ()
    callers: dict[str, int] = field(default_factory=dict)
    probes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shells: tuple[str, ...] = ()
    closed_types: tuple[str, ...] = ()
    closed_schemas: tuple[str, ...] = ()
    check_names: Pattern = ""
    denial_names: Pattern = ""
    clean_names: Pattern = ""
    escape_names: Pattern = ""
    """The program's own functions that escape for a shell or a database, by name."""
    statement_checks: Pattern = ""
    """Functions that look a database statement over, by name: what they were given is marked `readonly`."""
    catalogues: Pattern = ""
    """Statements that ask a database for the names of its tables or columns."""
    refusals: tuple[str, ...] = ()
    """Members that tell private addresses (`is_private`)."""
