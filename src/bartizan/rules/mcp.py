"""What the files of `packs/mcp` hold, and all of them as one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bartizan.model.rule import Rule
from bartizan.rules.ability import Abilities, learnt
from bartizan.rules.flow import Flows
from bartizan.rules.guard import Approvals, Endpoints, Hooks, Launching
from bartizan.rules.knownserver import BadVersion, KnownServer, Names
from bartizan.rules.launch import Launchers
from bartizan.rules.library import Library
from bartizan.rules.secretvalue import SecretShapes
from bartizan.rules.senses import SenseLists, Senses
from bartizan.rules.toolfacts import ToolFacts
from bartizan.rules.wording import Wording


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
    wording: Wording | None = None
    tools: ToolFacts | None = None
    senses: SenseLists | None = None
    flows: Flows | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFacts:
    """What the checks of what servers offer need, from all sheets."""

    wording: Wording
    tools: ToolFacts
    abilities: Abilities


def config_facts(library: Library) -> ConfigFacts:
    """The facts of the packs in force; of a part that stands in several sheets, the last one counts."""
    sheets = library.sheets(McpSheet)
    return ConfigFacts(
        launchers=_last(sheets, "launchers"),
        secrets=_last(sheets, "secrets"),
        launching=_last(sheets, "launching"),
        approvals=_last(sheets, "approvals"),
        endpoints=_last(sheets, "endpoints"),
        hooks=_last(sheets, "hooks"),
        names=_last(sheets, "names"),
        servers=known_servers(library),
    )


def offer_facts(library: Library) -> OfferFacts:
    """Likewise, for what servers say of themselves."""
    sheets = library.sheets(McpSheet)
    abilities = Abilities(learnt(), Senses(_last(sheets, "senses")))
    return OfferFacts(wording=_last(sheets, "wording"), tools=_last(sheets, "tools"), abilities=abilities)


def flow_facts(library: Library) -> Flows:
    """Which abilities must not come together."""
    found: Flows = _last(library.sheets(McpSheet), "flows")
    return found


def known_servers(library: Library) -> tuple[KnownServer, ...]:
    """Every server that the packs know."""
    return tuple(server for sheet in library.sheets(McpSheet) for server in sheet.servers)


def bad_versions(library: Library) -> tuple[BadVersion, ...]:
    """Every release that the packs know to be bad."""
    return tuple(bad for sheet in library.sheets(McpSheet) for bad in sheet.bad_versions)


def _last(sheets: tuple[McpSheet, ...], name: str) -> Any:
    return [part for sheet in sheets if (part := getattr(sheet, name)) is not None][-1]
