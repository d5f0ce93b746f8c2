"""What a file of a pack holds, by domain."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol

from bartizan.model.rule import Rule

SHEETS: dict[str, str] = {
    "exposure": "bartizan.rules.product:Product",
    "services": "bartizan.rules.approach:Approach",
    "clients": "bartizan.rules.client:Client",
    "frameworks": "bartizan.rules.framework:Framework",
    "noise": "bartizan.rules.noise:Noise",
    "secrets": "bartizan.rules.credential:Issuer",
    "skills": "bartizan.rules.skills:SkillSheet",
    "code": "bartizan.rules.code:CodeSheet",
    "artifacts": "bartizan.rules.dataset:DatasetSheet",
    "packages": "bartizan.rules.package:PackageSheet",
    "publishedkeys": "bartizan.rules.publishedkey:PublishedKeys",
    "mcp": "bartizan.rules.mcp:McpSheet",
    "models": "bartizan.rules.model:ModelSheet",
    "vuln": "bartizan.rules.vulnerability:Vulnerabilities",
}
"""The type of the files of each folder of `packs/`: one line for a domain, imported when first needed."""


class Sheet(Protocol):
    """One decoded YAML file. The concrete types are frozen dataclasses, one module of this room for each domain.

    A sheet with rules has a field `rules: tuple[Rule, ...]` (or of a subclass of Rule that adds what the domain
    matches on); beside it stands whatever else the domain's engine needs.
    """

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of this file; empty for sheets that only carry facts."""


def sheet_type(domain: str) -> type[Any]:
    """The dataclass that the files of `packs/<domain>/` decode into."""
    module, _, name = SHEETS[domain].partition(":")
    found: type[Any] = getattr(import_module(module), name)
    return found
