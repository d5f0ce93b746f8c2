"""Kinds of credential: what they look like, where they hide, what they open and how their provider is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bartizan.model.rule import Rule
from bartizan.model.severity import Severity
from bartizan.syntax.pattern import Pattern


class Verdict(StrEnum):
    """What a provider's answer says about a key."""

    LIVE = "live"
    DEAD = "dead"
    RESTRICTED = "restricted"
    LIMITED = "limited"
    UNDECIDED = "undecided"


class Nearness(StrEnum):
    """How far from the value the word that names its provider may stand.

    `nowhere`: no word is needed, the value proves itself; `name`: in the name it is assigned to; `line`: on its
    line; `scope`: in an enclosing block, section or call; `near`: within a few lines; `file`: in the file or its
    path. `half`: the value stands beside the other half, which has a beginning of its own; no kind asks for it.
    """

    NOWHERE = "nowhere"
    NAME = "name"
    LINE = "line"
    SCOPE = "scope"
    NEAR = "near"
    FILE = "file"
    HALF = "half"


class Structure(StrEnum):
    """Values that stand at a place of a parsed configuration rather than having a shape of their own."""

    NONE = ""
    MCP_HEADER = "mcp-header"
    MCP_ENV = "mcp-env"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one status means; with `body`, only when the answer's text matches it. The first that fits counts."""

    status: int
    verdict: Verdict
    body: Pattern = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One read-only request that costs nothing.

    `url`, `headers` and `body` may hold `{key}`, `{basic}` (base64 of `KEY:`), `{api}` (base64 of `api:KEY`), `{host}`
    and `{pair}` (base64 of `OTHER:KEY`); the last two are filled from what stands around the key. `tells` maps what
    a person wants to know (owner, scopes, models, spend, limit) to its place in the JSON reply, as keys joined by
    dots (`*` stands for every item), or to `header:NAME`.
    """

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    answers: tuple[Answer, ...] = ()
    tells: dict[str, str] = field(default_factory=dict)
    host: Pattern = ""
    """Where the URL has `{host}`: what the host's name looks like in the text around the key (its first group)."""
    pair: Pattern = ""
    """Where a header has `{pair}`: what the other half looks like around the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Rule):
    """One kind of credential; the rule's id is `secrets/<kind>`.

    `shape` matches the whole value. `starts` are the literals every value begins with; without them values are
    found by `words` near them. `alphabet` is what would continue the value (the inside of a character class), so
    that a longer token is not taken for it. `words` name the provider: caseless, `_` stands for `_`, `-`, `.`,
    a blank or nothing.
    """

    shape: Pattern
    starts: tuple[str, ...] = ()
    alphabet: str = r"A-Za-z0-9_\-"
    follow: int = 12
    """How many characters of the alphabet stand after each of `starts` at least (the literal search asks for
    them); 0 where something else follows."""
    longest: int = 600
    """Characters of the longest value."""
    words: tuple[str, ...] = ()
    within: Nearness = Nearness.NOWHERE
    family: str = ""
    """Kinds of one family share a shape: which of them a value belongs to is read from its neighbours."""
    order: int = 50
    """Place in the family when nothing around tells more; the smallest comes first."""
    needs: Pattern = ""
    """Must match somewhere in the value's surroundings (1 kB before and after)."""
    structure: Structure = Structure.NONE
    layout: str = ""
    """The shape in words: parts, constants, what is encoded."""
    digits: int = 0
    mixed: bool = False
    """The random part holds both cases."""
    variety: float = 2.5
    """Least Shannon entropy of the random part, in bits a character: the last filter, not the first."""
    is_random: bool = True
    """False where people choose the value, so that the tests for randomness do not apply."""
    checksum: str = ""
    traps: tuple[Pattern, ...] = ()
    """Values that fit the shape and are something else."""
    is_public: bool = False
    pair: str = ""
    """Slug of the other half. Where that one has a beginning, a value beside it needs no word."""
    alone: Severity | None = None
    """How severe it is without its other half near: an identifier opens nothing by itself."""
    reader: str = ""
    """What reads identity from the value itself: a word of `sensors.secrets.bearer`."""
    reach: str = ""
    verify: Question | None = None
    unverified: str = ""
    """Why there is no question: it would cost, mint or rotate something."""
    revoke: tuple[str, ...] = ()
    """The steps after a leak, first step first."""

    @property
    def slug(self) -> str:
        """The id without its domain."""
        return self.id.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One provider and the kinds of credential it issues.

    `words` and `hosts` name it in code and configuration; `service` says that it is an AI service of its own.
    """

    provider: str
    name: str
    category: str
    words: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    service: bool = True
    rules: tuple[Kind, ...] = ()
