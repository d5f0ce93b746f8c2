"""What the files of `packs/mcp` hold, and all of them as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bartizan.model.rule import Rule
from bartizan.rules.guard import Approvals, Endpoints, Hooks, Launching
from bartizan.rules.knownserver import BadVersion, KnownServer, Names
from bartizan.rules.launch import Launchers
from bartizan.rules.library import Library
from bartizan.rules.secretvalue import SecretShapes


@dataclass(frozen=True, slots=True, kw_only=True)
class McpSheet:
    """One file: rules, or some of the facts that the checks work with."""

    rules: tuple[Rule, ...] = ()
    launchers: Launchers | None = None
    secrets: SecretShapes | None = None
    launching: Launching | None = None
    approvals: Approvals | None = None
    endpoints: Endpoints | None = None
    hooks: Hooks | None = None
    names: Names | None = None
    servers: tuple[KnownServer, ...] = ()
    bad_versions: tuple[BadVersion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFacts:
    """What the checks of client configurations need, from all sheets."""

    launchers: Launchers
    secrets: SecretShapes
    launching: Launching
    approvals: Approvals
    endpoints: Endpoints
    hooks: Hooks
    names: Names
    servers: tuple[KnownServer, ...]
    bad_versions: tuple[BadVersion, ...]


def config_facts(library: Library) -> ConfigFacts:
    """The facts of the packs in force; of a part that stands in several sheets, the last one counts."""
    sheets = library.sheets(McpSheet)

    def last(name: str) -> Any:
        return [part for sheet in sheets if (part := getattr(sheet, name)) is not None][-1]

    return ConfigFacts(
        launchers=last("launchers"),
        secrets=last("secrets"),
        launching=last("launching"),
        approvals=last("approvals"),
        endpoints=last("endpoints"),
        hooks=last("hooks"),
        names=last("names"),
        servers=tuple(server for sheet in sheets for server in sheet.servers),
        bad_versions=tuple(bad for sheet in sheets for bad in sheet.bad_versions),
    )
