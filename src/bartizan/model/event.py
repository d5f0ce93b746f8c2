"""One record of API or gateway traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bartizan.model.location import Location


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One log record as parsed; `location.record` tells it from its neighbours."""

    location: Location
    fields: Mapping[str, Any]
