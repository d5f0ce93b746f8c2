"""A folder that is written down in a case: blobs for its texts and a Folder for each directory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bartizan.model.blob import Blob
from bartizan.model.location import Location
from bartizan.model.subject import Subject
from bartizan.rules.case import Case
from bartizan.rules.sample import expand
from bartizan.sources.format import sniff


@dataclass(frozen=True, slots=True, eq=False)
class WrittenFolder:
    """One directory of a case, in memory. Satisfies `model.folder.Folder`."""

    location: Location
    files: tuple[str, ...]
    folders: tuple[str, ...]
    texts: dict[str, bytes]
    """Every text of the case by its path from the top."""
    linked: dict[str, str]
    """Every link of the case by its path from the top."""

    @property
    def path(self) -> str:
        """From the top of the case."""
        return self.location.path or "."

    @property
    def links(self) -> dict[str, str]:
        """Links in this folder itself."""
        prefix = "" if self.path == "." else self.path + "/"
        below = {path[len(prefix) :]: led for path, led in self.linked.items() if path.startswith(prefix)}
        return {name: led for name, led in below.items() if "/" not in name}

    def read(self, name: str, limit: int = 8 << 20) -> bytes | None:
        """The text, or None when there is none of that name or it is longer than `limit` bytes."""
        data = self.texts.get(self._path(name))
        return data if data is not None and len(data) <= limit else None

    def enter(self, name: str) -> WrittenFolder | None:
        """The folder below, or None."""
        return _folder(self.texts, self.linked, self._path(name))

    def at(self, name: str, line: int | None = None) -> Location:
        """The place of a text below this folder."""
        return Location(path=self._path(name), line=line)

    def _path(self, name: str) -> str:
        return name if self.path == "." else f"{self.path}/{name}"


def written_folder(case: Case) -> Iterator[Subject]:
    """The subjects of `case.files`: a blob for each text, then a folder for each directory, the top one first."""
    texts = {path: expand(text, case.name).encode() for path, text in case.files.items()}
    for path, data in texts.items():
        yield Blob(Location(path=path), data, sniff(path, data))
    parents = {parent for path in texts for parent in _parents(path)}
    for path in sorted(parents, key=lambda each: (each.count("/"), each)):
        folder = _folder(texts, case.links, path)
        if folder:
            yield folder


def _parents(path: str) -> Iterator[str]:
    yield "."
    parts = path.split("/")[:-1]
    for length in range(1, len(parts) + 1):
        yield "/".join(parts[:length])


def _folder(texts: dict[str, bytes], links: dict[str, str], path: str) -> WrittenFolder | None:
    prefix = "" if path == "." else path + "/"
    below = [name[len(prefix) :] for name in texts if name.startswith(prefix)]
    if not below:
        return None
    files = tuple(sorted(name for name in below if "/" not in name))
    folders = tuple(sorted({name.partition("/")[0] for name in below if "/" in name}))
    return WrittenFolder(Location(path=path), files, folders, texts, links)
