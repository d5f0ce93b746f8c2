"""The authorisation file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from bartizan.model.errors import UsageError
from bartizan.model.identity import digest
from bartizan.scope.extent import Extent
from bartizan.syntax.strictyaml import read_yaml


class Intensity(StrEnum):
    """How hard a target may be touched.

    `passive` asks only what any visitor asks, `safe` adds read-only probes, `active` adds tests that a target
    would notice (red-team canaries, verification of keys).
    """

    PASSIVE = "passive"
    SAFE = "safe"
    ACTIVE = "active"


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Ceilings in requests (connections included) per second."""

    per_host: float = 20.0
    total: float = 2000.0


@dataclass(frozen=True, kw_only=True)
class Authorisation:
    """Who allows what, on whom, until when.

    `targets` and `exclude` list host names (`*.example.org` covers sub-domains), addresses, CIDRs, `host:port`
    and URLs (their host and port). Exclusions win. `safe_tools` names MCP tools that may be called as canaries
    (`tool`, or `server/tool`), `approved_servers` the MCP servers that may be there: packages, addresses, hosts or
    names, with `*` for anything. Any may be where none is named.
    """

    authorised_by: str
    until: Any
    """A date or a moment; YAML gives either. (The decoder knows no union of the two.)"""
    targets: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    contact: str = ""
    purpose: str = ""
    intensity: Intensity = Intensity.SAFE
    rate: Rate = field(default_factory=Rate)
    safe_tools: tuple[str, ...] = ()
    approved_servers: tuple[str, ...] = ()

    @cached_property
    def _included(self) -> Extent:
        return Extent.parse(self.targets)

    @cached_property
    def _excluded(self) -> Extent:
        return Extent.parse(self.exclude)

    def __post_init__(self) -> None:
        if not isinstance(self.until, date):
            raise TypeError(f"until must be a date such as 2026-12-31, or a moment, not {self.until!r}")

    @property
    def end(self) -> datetime:
        """The moment from which it no longer holds: a date counts to its last second, in UTC."""
        if isinstance(self.until, datetime):
            return self.until if self.until.tzinfo else self.until.replace(tzinfo=UTC)
        last = datetime(self.until.year, self.until.month, self.until.day, tzinfo=UTC)
        return last + min(timedelta(days=1), datetime.max.replace(tzinfo=UTC) - last)

    @property
    def digest(self) -> str:
        """Tells one wording from another in the ledger and in reports."""
        return digest(self.authorised_by, self.end.isoformat(), *self.targets, "-", *self.exclude, self.intensity)

    def summary(self) -> dict[str, Any]:
        """What reports say of it."""
        return {
            "authorised_by": self.authorised_by,
            "until": self.end.isoformat(),
            "targets": list(self.targets),
            "exclude": list(self.exclude),
            "intensity": str(self.intensity),
            "digest": self.digest,
        }

    def includes(self, host: str, port: int | None) -> bool:
        """Whether the targets name this host (a name, an address, or a CIDR that must lie inside one)."""
        return self._included.covers(host, port)

    def excludes(self, host: str, port: int | None) -> bool:
        """Whether the exclusions name this host or, for a CIDR, all of it."""
        return self._excluded.covers(host, port)


def read_authorisation(path: Path) -> Authorisation:
    """Read and check the file. Raises UsageError with file and line."""
    authorisation = read_yaml(path, Authorisation)
    if not authorisation.authorised_by.strip():
        raise UsageError(f"{path}: authorised_by must name a person")
    if not authorisation.targets:
        raise UsageError(f"{path}: targets is empty")
    if authorisation.rate.per_host <= 0 or authorisation.rate.total <= 0:
        raise UsageError(f"{path}: rates must be greater than 0")
    for name, entries in (("targets", authorisation.targets), ("exclude", authorisation.exclude)):
        for entry in entries:
            try:
                Extent.parse((entry,))
            except (UsageError, ValueError) as error:
                raise UsageError(f"{path}: {name}: {error}") from None
    return authorisation
