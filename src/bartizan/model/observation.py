"""What a sensor may say."""

from __future__ import annotations

from bartizan.model.asset import Asset
from bartizan.model.coverage import Coverage
from bartizan.model.finding import Finding
from bartizan.model.relation import Relation

Observation = Asset | Relation | Finding | Coverage
