"""What a person asked for, checked before anything is touched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bartizan.model.settings import Settings
from bartizan.scan.order import Order
from bartizan.scan.plan import Plan, make_plan
from bartizan.scan.selection import select
from bartizan.scope.authorisation import Authorisation, read_authorisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The options of one scan, as given. Neither `targets` nor `lists` (files of targets) means this
    folder and this machine.
    """

    settings: Settings
    targets: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
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
        authorisation = self.authorisation()
        settings = self.settings
        if authorisation is not None:
            settings = replace(
                settings, approved_servers=authorisation.approved_servers, safe_tools=authorisation.safe_tools
            )
        order = Order(select(self.only, self.skip), settings, authorisation)
        return make_plan(order, self.targets, self.lists)
