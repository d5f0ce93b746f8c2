"""Every correlator by name, in the order in which they run: one line each."""

from __future__ import annotations

CORRELATORS: dict[str, str] = {
    "vuln/advisories": "bartizan.correlate.vulnerabilities:match_vulnerabilities",
}
