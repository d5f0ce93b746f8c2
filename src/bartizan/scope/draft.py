"""Starts an authorisation file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import yaml

from bartizan.model.errors import UsageError
from bartizan.scope.extent import Extent

_TEXT = """\
# The written authorisation for Bartizan. Nothing outside it is ever contacted.
# Files and loopback need no entry; everything else does. Check it with: bartizan scope check FILE TARGET

# Who allows it: name and role of a person who may.
authorised_by: {authorised_by}
# Last day on which it holds (UTC).
until: {until}
# Host names, *.domains, addresses, CIDRs, host:port or URLs.
targets: {targets}
# What must not be touched although a target covers it.
exclude: {exclude}
# passive: what any visitor asks; safe: read-only probes too; active: tests that a target would notice.
intensity: safe
# Ceilings in requests per second.
rate:
  per_host: 20
  total: 2000
# MCP servers that may be there (packages, addresses, hosts, names); others are findings. Any may, where none is named.
# approved_servers: ['@modelcontextprotocol/server-filesystem', 'https://mcp.example.org/*']
# MCP tools that may be called, without arguments, to see whether their results steer the model.
# safe_tools: [server/status]
"""


def draft(authorised_by: str, targets: Sequence[str], exclude: Sequence[str], until: str) -> str:
    """The text of a scope file; what is not given is a placeholder to fill in. Raises UsageError."""
    Extent.parse((*targets, *exclude))
    try:
        end = date.fromisoformat(until) if until else (datetime.now(UTC) + timedelta(days=30)).date()
    except ValueError:
        raise UsageError(f"not a date: {until}", "write it as YYYY-MM-DD") from None
    return _TEXT.format(
        authorised_by=_scalar(authorised_by or "FILL IN: name and role"),
        until=end.isoformat(),
        targets=_list(targets or ("FILL-IN.example.org",)),
        exclude=_list(exclude),
    )


def _scalar(text: str) -> str:
    return yaml.safe_dump(text, default_flow_style=True, width=1000).removesuffix("...\n").strip()


def _list(entries: Sequence[str]) -> str:
    return "\n  - " + "\n  - ".join(_scalar(entry) for entry in entries) if entries else "[]"
