"""What was seen of one value."""

from __future__ import annotations

from dataclasses import dataclass, field

from bartizan.rules.credential import Kind, Nearness
from bartizan.sensors.secrets.bearer import Bearer
from bartizan.sensors.secrets.text import Text


@dataclass(frozen=True, slots=True)
class Sighting:
    """One value in one text, with what became of it: a credential of `kind`, or dropped because of `dropped`."""

    text: Text
    start: int
    value: bytes
    kind: Kind
    others: tuple[Kind, ...] = ()
    nearness: Nearness = Nearness.NOWHERE
    name: str = ""
    record: str = ""
    bearer: Bearer = field(default_factory=Bearer)
    dropped: str = ""
    lines: bytes = b""
    """Its line and the one above, where a comment may accept it."""
    is_alone: bool = False
    """Whether the other half, without which it opens nothing, does not stand near."""
    publisher: str = ""
    """The project that publishes this very value, so that it is nobody's secret."""
    is_locked: bool = False
    """Whether a passphrase stands between it and who reads it."""
