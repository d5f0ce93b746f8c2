"""The rules in force: those that came with the product and those of the user's packs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bartizan.model.errors import RuleError
from bartizan.model.rule import Rule
from bartizan.rules.index import BUILT_IN, load_index
from bartizan.rules.sheet import SHEETS, sheet_type

Kind = TypeVar("Kind")


class Library:
    """Sheets and rules by domain, decoded when first asked for."""

    def __init__(self, packs: Sequence[str | Path] = ()) -> None:
        """Raises RuleError when a pack is malformed or a rule stands twice."""
        self.folders = (BUILT_IN, *(Path(pack) for pack in packs))
        self._index = load_index(self.folders)
        self._sheets: dict[str, tuple[Any, ...]] = {}
        self._rules: dict[str, dict[str, Rule]] = {}

    @property
    def domains(self) -> tuple[str, ...]:
        """Names of the folders that hold rules or facts."""
        return tuple(sorted(SHEETS))

    def sheets(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """All sheets of that type, in the order of their files."""
        domain = next((name for name, home in SHEETS.items() if home.endswith(f":{kind.__name__}")), "")
        return self.decoded(domain)

    def rules(self, domain: str = "") -> dict[str, Rule]:
        """Rules by id: of one domain, or of all."""
        if not domain:
            return {key: rule for name in self.domains for key, rule in self.rules(name).items()}
        if domain not in self._rules:
            table: dict[str, Rule] = {}
            for sheet in self.decoded(domain):
                for rule in sheet.rules:
                    if rule.id in table:
                        raise RuleError(f"the rule {rule.id} stands twice in the packs")
                    table[rule.id] = rule
            self._rules[domain] = table
        return self._rules[domain]

    def decoded(self, domain: str) -> tuple[Any, ...]:
        """All sheets of the folder of that name."""
        if domain not in self._sheets:
            raw = self._index.get(domain)
            kind: Any = tuple.__class_getitem__((sheet_type(domain), ...))
            self._sheets[domain] = () if raw is None else msgspec.msgpack.decode(raw, type=kind)
        return self._sheets[domain]
