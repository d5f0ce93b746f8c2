"""One directory of a target, for what must be judged with its neighbours."""

from __future__ import annotations

import os
import stat

from bartizan.model.location import Location


def readable(name: str) -> str:
    """A file name as text: bytes that are not UTF-8 become `\\xNN`."""
    if name.isascii():
        return name
    return os.fsencode(name).decode("utf-8", "backslashreplace")


class Directory:
    """A Folder on disk. What it lists is read when first asked for; links are not followed out of the target."""

    def __init__(self, root: str, folder: str, target: str | None = None, only: str = "") -> None:
        """With `only`, a file named as the target: the folder then holds nothing else."""
        self._only = only
        self._root = root
        self._folder = folder
        self._target = target
        self._listing: tuple[tuple[str, ...], tuple[str, ...], dict[str, str]] | None = None
        self.path = readable(folder) or "."
        self.location = Location(path=self.path, target=target)

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the regular files, sorted."""
        return self._listed()[0]

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the folders, sorted."""
        return self._listed()[1]

    @property
    def links(self) -> dict[str, str]:
        """See Folder."""
        return self._listed()[2]

    def read(self, name: str, limit: int = 8 << 20) -> bytes | None:
        """See Folder."""
        path = self._inside(name) if name == self._only or not self._only else None
        if path is None:
            return None
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            with open(handle, "rb") as file:
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
                    return None
                return file.read(limit)
        except OSError:
            return None

    def enter(self, name: str) -> Directory | None:
        """See Folder."""
        path = self._inside(name) if not self._only else None
        if path is None or not os.path.isdir(path):
            return None
        return Directory(self._root, os.path.normpath(os.path.join(self._folder, name)), self._target)

    def at(self, name: str, line: int | None = None) -> Location:
        """See Folder."""
        path = readable(os.path.normpath(os.path.join(self._folder, name)))
        return Location(path=path.replace(os.sep, "/"), line=line, target=self._target)

    def _inside(self, name: str) -> str | None:
        if "\0" in name:
            return None
        root = os.path.realpath(self._root)
        real = os.path.realpath(os.path.join(self._root, self._folder, name))
        return real if real == root or real.startswith(root.rstrip(os.sep) + os.sep) else None

    def _listed(self) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, str]]:
        if self._only:
            return (self._only,), (), {}
        if self._listing is None:
            files: list[str] = []
            folders: list[str] = []
            links: dict[str, str] = {}
            try:
                with os.scandir(os.path.join(self._root, self._folder)) as entries:
                    for entry in entries:
                        if entry.is_file(follow_symlinks=False):
                            files.append(entry.name)
                        elif entry.is_dir(follow_symlinks=False):
                            folders.append(entry.name)
                        elif entry.is_symlink():
                            links[readable(entry.name)] = readable(os.readlink(entry.path))
            except OSError:
                pass
            self._listing = tuple(sorted(files)), tuple(sorted(folders)), dict(sorted(links.items()))
        return self._listing
