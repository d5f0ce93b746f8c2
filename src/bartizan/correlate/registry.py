"""Every correlator by name, in the order in which they run: one line each."""

from __future__ import annotations

CORRELATORS: dict[str, str] = {
    "vuln/advisories": "bartizan.correlate.vulnerabilities:match_vulnerabilities",
    "mcp/servers-joined": "bartizan.correlate.servers:join_servers",
    "secrets/servers": "bartizan.correlate.credentials:join_credentials",
    "mcp/releases": "bartizan.correlate.releases:find_bad_releases",
    "mcp/pins": "bartizan.correlate.pins:compare_offers",
    "mcp/flows": "bartizan.correlate.clients:find_flows",
    "mcp/collisions": "bartizan.correlate.clients:find_collisions",
}
