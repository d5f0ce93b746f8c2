"""Tables of weights that were learnt, as they lie in the package."""

from __future__ import annotations

from importlib import resources
from typing import TypeVar

import msgspec

Table = TypeVar("Table")


def read_table(name: str, kind: type[Table]) -> Table:
    """The table `packs/NAME.json`. Raises OSError or msgspec.DecodeError when it is not whole."""
    return msgspec.json.decode(resources.files("bartizan.packs").joinpath(f"{name}.json").read_bytes(), type=kind)
