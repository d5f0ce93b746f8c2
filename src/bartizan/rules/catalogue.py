"""What the rules in force know, as a list."""

from __future__ import annotations

from typing import Any

from bartizan.rules.library import Library


def catalogue(library: Library) -> list[dict[str, Any]]:
    """One object for each rule: `id`, `title`, `severity`, `domain`; with `product` where a sheet is one product's.

    A product's own entry, under `exposure/<slug>`, stands for its recognition and is an inventory fact.
    """
    rows: dict[str, dict[str, Any]] = {}
    for domain in library.domains:
        for sheet in library.decoded(domain):
            product = getattr(sheet, "slug", "") if domain == "exposure" else ""
            if product:
                identity = f"{domain}/{product}"
                title = f"{getattr(sheet, 'title', product)} found"
                rows[identity] = _row(identity, title, "info", domain, product)
            for rule in sheet.rules:
                rows[rule.id] = _row(rule.id, rule.title, str(rule.severity), rule.domain, product)
    return [rows[key] for key in sorted(rows)]


def _row(identity: str, title: str, severity: str, domain: str, product: str) -> dict[str, Any]:
    row = {"id": identity, "title": title, "severity": severity, "domain": domain}
    return row | ({"product": product} if product else {})
