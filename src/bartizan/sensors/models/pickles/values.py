"""What stands on the symbolic stack of a pickle machine.

A value is an integer: positive, it is where the argument of the opcode that made it begins (so a literal is read
from the stream only when somebody asks); zero, nothing is known; negative, it names one of the things below.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bartizan.sensors.models.pickles.names import Judgement


@dataclass(slots=True, eq=False)
class Named:
    """A global: what `find_class` would return. `called` turns true when an opcode or an invoker calls it."""

    module: str
    name: str
    offset: int
    judgement: Judgement
    called: bool = False
    call_offset: int = -1
    arguments: str = ""

    @property
    def text(self) -> str:
        """`module.name`, as a person reads it."""
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Made:
    """What a call gave. One for each callable is enough, unless `values` (its arguments) must be kept."""

    by: Named | None
    values: tuple[int, ...] = ()
    attribute: str = ""
    """The name that `getattr` was asked for."""


Thing = Named | Made


class Sight(StrEnum):
    """What a machine may notice beside the globals."""

    COMPUTED = "computed"
    """A global whose name is made while loading."""
    BUILD = "build"
    """Attributes set on a function, class or module."""
    STORE = "store"
    """Items put into a function, class or module."""
    EXTENSION = "extension"
    """A code of the extension registry."""
    PERSISTENT = "persistent"
    """A persistent id where none is expected, or of an unexpected shape."""
    ARGUMENT = "argument"
    """A call that is safe only with other arguments."""
    INDIRECT = "indirect"
    """A call of something that another call gave."""
    CODE = "code"
    """A function or class carried as byte code."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing noticed. `severe` when it runs, or leads to, what the author chose."""

    sight: Sight
    offset: int
    text: str
    severe: bool = True
