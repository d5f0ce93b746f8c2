"""What a correlator is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from bartizan.model.asset import Asset
from bartizan.model.inventory import Inventory
from bartizan.model.observation import Observation
from bartizan.rules.library import Library


class Known(Protocol):
    """What the store knew before this scan."""

    def asset(self, key: str) -> Asset | None:
        """The asset with that id, as last seen."""


class Correlator(Protocol):
    """Looks at the whole inventory once the sensors are done, and adds what follows from it.

    Must be a function of its arguments: the same inventory gives the same observations.
    """

    def __call__(self, inventory: Inventory, known: Known, library: Library) -> Iterator[Observation]: ...
