"""Products as data: what one answers, how its version is read, and what proves who may use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bartizan.model.rule import Rule
from bartizan.syntax.pattern import Pattern


class Access(StrEnum):
    """Who may use a service."""

    OPEN = "open"
    LOGIN = "login"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    UNCLAIMED = "unclaimed"
    UNKNOWN = "unknown"


class Gain(StrEnum):
    """What somebody without credentials gets."""

    READ = "read"
    INFER = "infer"
    WRITE = "write"
    EXECUTE = "execute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Facts about one answer, all of which must hold.

    `at` names the question: a path (GET), `METHOD /path`, a question of `packs/services` (`redis ping`), `/` for the
    root and the page of the same host that it leads to, `?` for a path that cannot exist, `*` for any answer so far.
    Texts of `body` all stand in it as written. `keys` are ways into its JSON that exist; `values` are patterns for
    the value there (true, false and numbers as JSON writes them). `absent` are texts that must not stand in it.
    """

    at: str = "/"
    status: int | tuple[int, ...] = ()
    type: str = ""
    header: dict[str, Pattern] = field(default_factory=dict)
    title: Pattern = ""
    body: str | tuple[str, ...] = ()
    absent: str | tuple[str, ...] = ()
    matches: Pattern = ""
    keys: tuple[str, ...] = ()
    values: dict[str, Pattern] = field(default_factory=dict)
    icon: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Sign):
    """Evidence. Marks that hold are added up; 100 decides. Less than zero speaks against it."""

    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionAt:
    """Where a version stands: at a way into JSON, in a header, or in the body where `take` matches.

    `take` has one group; it also cuts what a way or header gives. `of` is the slug of what the number belongs to:
    empty for the product itself, another slug for a library, an API level or a UI bundle. `scheme` orders it.
    """

    at: str
    way: str = ""
    header: str = ""
    take: Pattern = ""
    of: str = ""
    scheme: str = "semver"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSign(Sign):
    """An answer that proves a state of access. The first one that holds decides."""

    state: Access
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a harmless GET lists: `name` is the property (`models`, `collections`, `tools`, `notebooks`, `agents`)."""

    name: str
    at: str
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureRule(Rule):
    """A weakness of a service: reported when its access is among `access` and every test holds.

    `access` empty stands for any. `bind` is `all` when it must listen on every interface. `product` is set by the
    sheet. A general rule (of a sheet without a slug) is tried on every recognised service.
    """

    access: tuple[Access, ...] = ()
    when: tuple[Sign, ...] = ()
    bind: str = ""
    below: str = ""
    """The version must be lower than this one, and belong to the product."""
    plain: bool = False
    """Only where no TLS is spoken and the address is not loopback."""

    @property
    def has_condition(self) -> bool:
        """Whether it says when it holds; a rule without conditions is reported by the sensor's own judgement."""
        return bool(self.access or self.when or self.bind or self.below or self.plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product, or (without `slug`) rules for all of them.

    `stacks` names the server software it may run on (see `rules.approach`), empty when it may be any. `common` is
    how often it is met, from 1; most have 1 to 5. `over` lists the slugs that it stands on: they are not reported
    beside it. `own` marks a protocol of its own, reported beside whatever else the port carries; it is looked for
    beside the products that `beside` lists. `generic` is reported only when nothing else is. `asset` is the kind of
    its asset. `gains` is what an open one gives away.
    """

    slug: str = ""
    title: str = ""
    category: str = ""
    vendor: str = ""
    url: str = ""
    ports: tuple[int, ...] = ()
    common: int = 2
    stacks: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    own: bool = False
    beside: tuple[str, ...] = ()
    generic: bool = False
    asset: str = "ai-service"
    marks: tuple[Mark, ...] = ()
    versions: tuple[VersionAt, ...] = ()
    access: tuple[AccessSign, ...] = ()
    lists: tuple[Listing, ...] = ()
    gains: tuple[Gain, ...] = ()
    rules: tuple[ExposureRule, ...] = ()

    @property
    def cases_for(self) -> tuple[str, ...]:
        """Cases stand under the slug (recognition) and under the id of each rule."""
        return (*((self.slug,) if self.slug else ()), *(rule.id for rule in self.rules))
