"""What a person asked for, checked before anything is touched."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from bartizan.model.errors import UsageError
from bartizan.model.settings import Settings
from bartizan.scan.order import Order
from bartizan.scan.plan import Plan, make_plan
from bartizan.scan.selection import select
from bartizan.scope.authorisation import Authorisation, read_authorisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The options of one scan, as given. An empty `targets` means this folder and this machine."""

    settings: Settings
    targets: tuple[str, ...] = ()
    scope: Path | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    engine: str = ""
    jobs: int = 0
    store: str | None = None
    no_store: bool = False

    def authorisation(self) -> Authorisation | None:
        """The scope file's content. Raises UsageError."""
        return read_authorisation(self.scope) if self.scope else None

    def plan(self) -> Plan:
        """What is to be done. Raises UsageError, or ScopeError before anything is opened or asked."""
        order = Order(select(self.only, self.skip), self.settings, self.authorisation())
        return make_plan(order, self.targets)


def listed_targets(name: str) -> tuple[str, ...]:
    """Targets of a file, one a line; `#` begins a comment. `-` is stdin. Raises UsageError."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"{name}: {(error.strerror or str(error)).lower()}") from None
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in lines if line)
