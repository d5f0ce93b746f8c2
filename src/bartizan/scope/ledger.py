"""The append-only record of each thing touched."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bartizan.model.errors import StoreError


@dataclass(frozen=True, slots=True)
class Touch:
    """One contact: when (seconds since the epoch), with whom (`host:port` and the pinned address), and what for.

    `count` folds alike contacts (a sweep's connections to one host). Nothing of the content enters.
    """

    when: float
    target: str
    address: str
    what: str
    count: int = 1


class Ledger:
    """A JSON Lines file that is only ever appended to, each line written in one call."""

    def __init__(self, path: Path | None) -> None:
        """Without a path nothing is kept."""
        self.path = path
        self._file = -1

    def open(self) -> None:
        """Open the file, if it is not open yet. Raises StoreError."""
        if self.path is None or self._file >= 0:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> StoreError:
        reason = (error.strerror or str(error)).lower()
        return StoreError(f"cannot record what is touched in {self.path}: {reason}", "--no-store goes without a record")

    def record(self, touches: list[Touch], authorisation: str = "") -> None:
        """Append the touches. Raises StoreError when the file cannot be written: what cannot be accounted for must
        not go on.
        """
        if self.path is None or not touches:
            return
        self.open()
        lines = []
        for touch in touches:
            row = asdict(touch) | {"when": datetime.fromtimestamp(touch.when, UTC).isoformat(timespec="milliseconds")}
            lines.append(json.dumps(row | ({"scope": authorisation} if authorisation else {})) + "\n")
        try:
            os.write(self._file, "".join(lines).encode())
        except OSError as error:
            raise self._unwritable(error) from None

    def close(self) -> None:
        """Close the file, if it was opened."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
