"""How much one file may unfold to, with everything inside it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from bartizan.model.errors import LimitError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file and all archives inside it.

    `depth` counts containers around a member; `unpacked` the bytes that decompressors give in all; `member` what
    one decompressed member may hold in memory; `held` what the members that are open around it may hold together;
    `kept` what their small files may hold until their directories have been looked at; `ratio` how many times its
    packed size a member larger than `small` may unpack to.
    """

    depth: int = 12
    members: int = 100_000
    unpacked: int = 1_500 << 20
    member: int = 256 << 20
    held: int = 512 << 20
    kept: int = 64 << 20
    ratio: int = 1000
    small: int = 64 << 20
    seconds: float = 60.0
    complaints: int = 20


@dataclass(slots=True)
class Budget:
    """What is left of the limits for one outermost file."""

    limits: Limits
    unpacked: int = 0
    members: int = 0
    held: int = 0
    kept: int = 0
    _deadline: float = field(default=0.0)

    def __post_init__(self) -> None:
        self._deadline = time.monotonic() + self.limits.seconds

    def spend(self, size: int) -> None:
        """Account for unpacked bytes. Raises LimitError when they, or the time, are used up."""
        self.unpacked += size
        if self.unpacked > self.limits.unpacked:
            raise LimitError(f"unpacks to more than {self.limits.unpacked >> 20} MiB; the rest is unread")
        if time.monotonic() > self._deadline:
            raise LimitError(f"stopped after {self.limits.seconds:g} s; the rest is unread")

    def count(self) -> None:
        """Account for one more member. Raises LimitError when there are too many."""
        self.members += 1
        if self.members > self.limits.members:
            raise LimitError(f"holds more than {self.limits.members} members; the rest is unread")
        if not self.members % 64:
            self.spend(0)

    def room(self) -> int:
        """Bytes that the next member may hold in memory."""
        return max(0, min(self.limits.member, self.limits.held - self.held))

    def keep(self, size: int) -> bool:
        """Account for a small file that stays in memory for its directory; False when there is no room."""
        if self.kept + size > self.limits.kept:
            return False
        self.kept += size
        return True

    def is_bomb(self, unpacked: int, packed: int) -> bool:
        """Whether so many bytes out of so few are no honest compression."""
        return unpacked > self.limits.small and unpacked > self.limits.ratio * max(packed, 1)
