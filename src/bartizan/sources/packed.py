"""Directories of an archive, put together while its members go by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bartizan.model.blob import Blob
from bartizan.model.location import Location
from bartizan.sources.budget import Budget
from bartizan.sources.member import member_location

MAX_FILE = 1 << 20
"""Larger files are listed and cannot be read."""
MAX_FOLDERS = 20_000
MAX_DEPTH = 100
_STRANGE = frozenset({"", ".", ".."})


@dataclass(slots=True, eq=False)
class PackedTree:
    """What an archive's directories hold. Small files are kept, up to what the budget has for all open archives."""

    archive: Blob
    budget: Budget
    contents: dict[str, bytes] = field(default_factory=dict)
    folders: dict[str, tuple[set[str], set[str]]] = field(default_factory=lambda: {".": (set(), set())})
    """Names of files and of folders by directory."""
    stored: dict[str, str] = field(default_factory=dict)
    """Names as the archive has them, where they differ."""
    _kept: int = 0

    def take(self, member: Blob) -> None:
        """Note a member. What has no place below the top (`..`, absolute names) belongs to no directory."""
        outer = self.archive.location.member
        name = (member.location.member or "").removeprefix(f"{outer}!" if outer else "")
        path = name.replace("\\", "/")
        steps = path.split("/")
        if member.location.member == outer or len(steps) > MAX_DEPTH or not _STRANGE.isdisjoint(steps):
            return
        if not self._enlist(steps):
            return
        if path != name:
            self.stored[path] = name
        if path not in self.contents and member.size <= MAX_FILE and self.budget.keep(member.size):
            self._kept += member.size
            self.contents[path] = member.bytes()

    def _enlist(self, steps: list[str]) -> bool:
        """Put the file into its directory, and that into those above. False when there are too many."""
        folder = "."
        for end, step in enumerate(steps[:-1], 1):
            below = "/".join(steps[:end])
            if below not in self.folders:
                if len(self.folders) >= MAX_FOLDERS:
                    return False
                self.folders[below] = (set(), set())
                self.folders[folder][1].add(step)
            folder = below
        self.folders[folder][0].add(steps[-1])
        return True

    def subjects(self) -> Iterator[PackedFolder]:
        """Every directory, the top one first; none for an archive without members."""
        if self.folders["."] == (set(), set()):
            return
        for path in sorted(self.folders, key=lambda each: (each != ".", each.count("/"), each)):
            yield PackedFolder(self, path)

    def close(self) -> None:
        """Let go of what was kept."""
        self.budget.kept -= self._kept
        self._kept = 0
        self.contents = {}


@dataclass(frozen=True, slots=True, eq=False)
class PackedFolder:
    """One directory of an archive. Satisfies `model.folder.Folder`."""

    tree: PackedTree
    path: str

    @property
    def location(self) -> Location:
        """The archive's for its top, else a member of it."""
        archive = self.tree.archive
        return archive.location if self.path == "." else member_location(archive, self.path)

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files, sorted."""
        return tuple(sorted(self.tree.folders[self.path][0]))

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the folders, sorted."""
        return tuple(sorted(self.tree.folders[self.path][1]))

    @property
    def links(self) -> dict[str, str]:
        """None: links of an archive are never followed, nor kept."""
        return {}

    def read(self, name: str, limit: int = 8 << 20) -> bytes | None:
        """See Folder. Also None for a file larger than MAX_FILE."""
        data = self.tree.contents.get(self._below(name))
        return data if data is not None and len(data) <= limit else None

    def enter(self, name: str) -> PackedFolder | None:
        """See Folder."""
        path = self._below(name)
        return PackedFolder(self.tree, path) if path in self.tree.folders else None

    def at(self, name: str, line: int | None = None) -> Location:
        """See Folder."""
        path = self._below(name)
        if path == ".":
            return replace(self.location, line=line)
        place = member_location(self.tree.archive, self.tree.stored.get(path, path))
        return replace(place, line=line)

    def _below(self, name: str) -> str:
        """The path from the top of the archive, `.` and `..` resolved; what leads out of it leads nowhere."""
        steps = [] if self.path == "." else self.path.split("/")
        for step in name.split("/"):
            if step == ".." and not steps:
                return ""
            if step == "..":
                steps.pop()
            elif step not in ("", "."):
                steps.append(step)
        return "/".join(steps) or "."
