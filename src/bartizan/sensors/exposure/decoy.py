"""Honeypots and fakes: an endpoint that claims to be too many things."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence
from bartizan.model.observation import Observation
from bartizan.model.rule import Rule
from bartizan.model.service import Service
from bartizan.rules.product import Product

RULE = "exposure/too-many-products"
TOO_MANY = 4


def decoy(service: Service, products: Sequence[Product], rules: Mapping[str, Rule]) -> list[Observation]:
    """A finding on the host instead of the products, when one port claims more of them than can be true."""
    claims = sorted({product.slug for product in products if not product.own and not product.generic})
    rule = rules.get(RULE)
    if len(claims) < TOO_MANY or rule is None:
        return []
    host = Asset(AssetKind.HOST, str(service.location.host), service.location)
    evidence = Evidence("text", f"claims to be {len(claims)} products: {', '.join(claims[:12])}")
    return [host, rule.finding(host.id, service.location, evidence, proof=RULE)]
