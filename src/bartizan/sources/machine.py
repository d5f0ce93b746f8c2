"""This machine: what listens on it, and the configuration of its AI clients."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.net.service import LiveService
from bartizan.rules.client import Client, user_paths
from bartizan.rules.library import Library
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target
from bartizan.sources.listening import Listener, is_open_to_all, read_listeners
from bartizan.sources.network import Network
from bartizan.sources.source import Batch

MAX_FILE = 8 << 20
_SYSTEMS = {"darwin": "macos", "win32": "windows"}


class Machine(Network):
    """Source of this machine's listening services and of a person's AI client configuration files."""

    def __init__(self, settings: Settings, guard: Guard) -> None:
        super().__init__(settings, guard)
        self.library = Library(settings.packs)

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """One batch for the files, one for the sockets."""
        yield Batch("machine", target, ("clients",))
        yield Batch("machine", target, ("sockets",))

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """Open the configuration files, or ask what listens."""
        if batch.items == ("clients",):
            yield from self._files()
            return
        for _, listener in sorted(read_listeners().items()):
            yield LiveService(self.door, _way(listener), listener.port, listener.process, listener.bind)

    def _files(self) -> Iterator[Subject | Coverage]:
        home = os.path.expanduser("~").rstrip("/")
        system = _SYSTEMS.get(sys.platform, "linux")
        seen: set[str] = set()
        for _, pattern in user_paths(self.library.sheets(Client), system, home, os.environ):
            for path in sorted(glob.glob(pattern))[:200]:
                real = os.path.realpath(path)
                if real in seen or not os.path.isfile(real):
                    continue
                seen.add(real)
                shown = "~" + path[len(home) :] if path.startswith(home + "/") else path
                yield self._blob(path, shown)

    def _blob(self, path: str, shown: str) -> Blob | Coverage:
        from bartizan.sources.format import sniff

        try:
            status = os.stat(path)
            if status.st_size > MAX_FILE:
                return Coverage(Outcome.FAILED, shown, f"larger than {MAX_FILE} bytes")
            with open(path, "rb") as file:
                data = file.read(MAX_FILE)
        except OSError as error:
            return Coverage(Outcome.FAILED, shown, (error.strerror or str(error)).lower())
        return Blob(Location(path=shown), data, sniff(shown, data), mode=status.st_mode & 0o7777)


def _way(listener: Listener) -> str:
    """The address by which this machine reaches its own socket."""
    if is_open_to_all(listener.bind):
        return "127.0.0.1"
    return listener.bind
