"""A directory as a whole: for what can only be judged with its neighbours (a model repository, a skill)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bartizan.model.location import Location


class Folder(Protocol):
    """One directory inside a target. Reading is bounded and never leaves the target."""

    @property
    def location(self) -> Location:
        """`path` is the directory relative to the target: `.` for the target itself. In an archive `path` (and the
        outer levels of `member`) is the archive's, and the last level of `member` the directory in it.
        """

    @property
    def path(self) -> str:
        """From the top of the target, or of the innermost archive: `.` for the top itself."""

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files in it, sorted."""

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the folders in it, sorted."""

    @property
    def links(self) -> Mapping[str, str]:
        """Symbolic links in it and where each leads, as written; empty where the source keeps none."""

    def read(self, name: str, limit: int = 8 << 20) -> bytes | None:
        """Content of a file below this folder (`/` allowed), or None when absent, larger than `limit` bytes,
        unreadable, or a link out of the target.
        """

    def enter(self, name: str) -> Folder | None:
        """The folder below (`/` allowed), or None."""

    def at(self, name: str, line: int | None = None) -> Location:
        """The location of a file below this folder."""
