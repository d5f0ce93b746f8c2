"""Where snapshots stand: the one that came with the product, and the last few that were fetched."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bartizan.intel.signature import new_key, public_key
from bartizan.intel.snapshot import Snapshot, open_snapshot
from bartizan.model.errors import SourceError
from bartizan.model.home import data_folder
from bartizan.syntax.strictyaml import read_yaml

BUILT_IN = Path(__file__).parent / "snapshot"
TRUSTED = Path(__file__).parent / "trusted.yaml"
KEPT = 3
OWN_PRIVATE, OWN_PUBLIC = "local.key", "local.pub"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """Public keys in hexadecimal."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One user's folder of snapshots. `trusted` are the keys that are believed beside the built-in ones."""

    folder: Path
    trusted: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that is believed: the product's, the user's, and this machine's own."""
        own = self.folder / OWN_PUBLIC
        local = (own.read_text("ascii").strip(),) if own.is_file() else ()
        return (*read_yaml(TRUSTED, TrustList).keys, *self.trusted, *local)

    def own_key(self) -> bytes:
        """The key that signs what this machine puts together itself, made when first needed. Raises OSError."""
        path = self.folder / OWN_PRIVATE
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            private = new_key()
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(private)
            (self.folder / OWN_PUBLIC).write_text(public_key(private), "ascii")
        return path.read_bytes()

    def kept(self) -> list[Path]:
        """Folders of the snapshots that were fetched, the newest arrival first."""
        try:
            found = [Path(entry.path) for entry in os.scandir(self.folder) if entry.name.startswith("snapshot-")]
        except OSError:
            return []
        return sorted(found, key=lambda path: path.name, reverse=True)

    def current(self) -> tuple[Snapshot, list[str]]:
        """The snapshot in force, the last one that was taken in, and a line for each that could not be believed."""
        complaints: list[str] = []
        for folder in self.kept():
            try:
                return open_snapshot(folder, self.keys), complaints
            except SourceError as error:
                complaints.append(str(error))
        return open_snapshot(BUILT_IN, self.keys), complaints

    def take(self, folder: Path) -> Snapshot:
        """Put a copy of a verified snapshot in force; only the last few are kept. Raises OSError."""
        last = self.kept()
        number = int(last[0].name.removeprefix("snapshot-")) + 1 if last else 1
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        staged = self.folder / f".incoming-{os.getpid()}"
        shutil.rmtree(staged, ignore_errors=True)
        shutil.copytree(folder, staged)
        home = self.folder / f"snapshot-{number:06}"
        os.rename(staged, home)
        for old in self.kept()[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
        return open_snapshot(home, self.keys)


def user_shelf() -> Shelf:
    """The shelf of this user, with the keys of the user's configuration."""
    from bartizan.intel.preferences import user_preferences

    return Shelf(data_folder() / "intel", user_preferences().keys)


@lru_cache(maxsize=4)
def built_in() -> Snapshot:
    """The snapshot that came with the product."""
    return open_snapshot(BUILT_IN, read_yaml(TRUSTED, TrustList).keys)
