"""How services are approached: ports, questions of other protocols, server software, and what is never asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.model.rule import Rule
from bartizan.model.service import Request
from bartizan.rules.product import Sign
from bartizan.syntax.pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question by name. `send` is text (`\\r\\n` written out in YAML's double quotes), `hex` bytes.

    For `http`, `path`, `method` and `headers` count and `send` is the body. `ports` and `hints` (facts about what
    an HTTP question brought, `?`) tell when it is worth asking.
    """

    name: str
    protocol: str = "http"
    path: str = ""
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    send: str = ""
    hex: str = ""
    ports: tuple[int, ...] = ()
    hints: tuple[Sign, ...] = ()

    def request(self) -> Request:
        """The question as a service takes it."""
        body = bytes.fromhex(self.hex) if self.hex else self.send.encode()
        path = self.path or self.name.partition(" ")[2]
        return Request(path, self.method, tuple(self.headers.items()), body, self.protocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Server software beneath products, told from the first answers: any of the tests."""

    name: str
    tests: tuple[Sign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverAsk:
    """A request that nobody is sent: it changes state or costs money although its method promises not to."""

    path: Pattern
    why: str
    method: Pattern = "GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """One file of `packs/services`. `secret_keys` and `secret_texts` are blanked in evidence."""

    ports: dict[str, tuple[int, ...]] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    stacks: tuple[Stack, ...] = ()
    never: tuple[NeverAsk, ...] = ()
    barriers: tuple[Stack, ...] = ()
    """Pages of firewalls and robot checks: behind them nothing can be judged."""
    secret_keys: tuple[Pattern, ...] = ()
    secret_texts: tuple[Pattern, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """An approach only carries facts."""
        return ()
