"""The sensor of leaked credentials."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import chain
from typing import Any, ClassVar

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.sensors.secrets.acceptance import Acceptances
from bartizan.sensors.secrets.bytecode import LIMIT, bytecode_text
from bartizan.sensors.secrets.layers import Layers
from bartizan.sensors.secrets.pieces import Pieces
from bartizan.sensors.secrets.redaction import fingerprint
from bartizan.sensors.secrets.report import Report
from bartizan.sensors.secrets.search import Search
from bartizan.sensors.secrets.sighting import Sighting
from bartizan.sensors.secrets.sqlite import is_cut, sqlite_text
from bartizan.sensors.secrets.sqlitefreed import LAYER as FREED
from bartizan.sensors.secrets.sqlitefreed import freed_text
from bartizan.sensors.secrets.text import Lines, Text, release

NAME = "secrets/keys"
CHUNK = 8 << 20
OVERLAP = 1 << 16
"""Large blobs are searched in pieces that overlap by more than the longest value and its surroundings."""
BUDGET = 64 << 20
"""Bytes of unwrapped text looked at for one piece."""
_MOST_TOLD = 2000
_WIDE = {"utf16": "utf-16", "utf32": "utf-32"}


class Keys:
    """Looks for credentials in the bytes of a blob."""

    kind: ClassVar[type[Any]] = Blob

    def __init__(self, library: Library, settings: Settings) -> None:
        self._search = Search(library)
        self._layers = Layers(self._search.kinds)
        self._report = Report(self._search, settings)
        self._settings = settings
        self._acceptances = Acceptances(settings.accepted)
        self._told: set[bytes] = set()

    def wants(self, subject: Blob) -> bool:
        """All that may hold text: no tensors, pictures or compressed data."""
        return subject.size > 15 and subject.format not in self._search.opaque and not _is_tensor(subject)

    def observe(self, subject: Blob) -> Iterator[Observation]:
        """Each credential with its finding; with `show_all` also what was dropped and why."""
        seen: set[tuple[str, bytes, int]] = set()
        for sighting in self.sightings(subject):
            place = sighting.text.place(sighting.start)
            reason = sighting.dropped or self._accepted(sighting)
            key = (sighting.kind.id + reason, sighting.value, place.line or place.offset or 0)
            once = (sighting.kind.id + reason, sighting.value, -1)  # what a row still holds is not told of deleted ones
            if key in seen or (once in seen and FREED in sighting.text.layers):
                continue
            seen |= {key, once}
            if not reason:
                if len(self._told) < _MOST_TOLD and sighting.kind.is_random and not sighting.kind.is_public:
                    self._told.add(sighting.value)
                yield from self._report.observations(sighting, place)
            elif self._settings.show_all:
                yield Coverage(Outcome.SKIPPED, str(place), f"{reason}: not {sighting.kind.id}", NAME)
        if subject.format == "sqlite" and is_cut(subject):
            yield Coverage(Outcome.FAILED, str(subject.location), "the database ends early", NAME)

    def take_secrets(self) -> set[bytes]:
        """The values found since this was asked last, so that nobody who looks at the same subject quotes them."""
        told, self._told = self._told, set()
        return told

    def _accepted(self, sighting: Sighting) -> str:
        mark = fingerprint(sighting.value, self._settings.fingerprint_key)
        return "accepted" if self._acceptances.covers(mark, sighting.kind.id, sighting.lines) else ""

    def sightings(self, blob: Blob) -> Iterator[Sighting]:
        """Every value that has a kind's shape, dropped ones included; they hold the values themselves."""
        path = "/".join(filter(None, (blob.location.path, blob.location.member)))
        yield from self._search.in_name(blob, path)
        if blob.format == "pyc" and not self._is_telling(blob, path):
            return
        for start in chain(_texts(blob), self._freed(blob, path)):
            waiting = deque((start,))
            budget = BUDGET
            pieces = Pieces()
            while waiting and budget > 0:
                text = waiting.popleft()
                yield from pieces.apart(self._search.sightings(text, path))
                budget -= len(text.data) if text.layers else 0
                waiting.extend(self._layers.below(text))
            yield from pieces.left

    def _freed(self, blob: Blob, path: str) -> Iterator[Text]:
        """What is left of the rows that were deleted from a database."""
        text = freed_text(blob, lambda raw: self._search.may_hold(raw, path)) if blob.format == "sqlite" else None
        if text is not None:
            yield text

    def _is_telling(self, blob: Blob, path: str) -> bool:
        """Whether bytecode is worth reading: its strings stand in it as they are, and most hold no trace of a key."""
        raw = blob.bytes(0, LIMIT)
        return self._search.may_hold(raw, path) or self._layers.may_hold(Text(raw, blob.location))


def _texts(blob: Blob) -> Iterator[Text]:
    """The blob as text: whole, in pieces, decoded, or what its format holds of text."""
    if blob.format in ("sqlite", "sqlite-wal"):
        yield sqlite_text(blob)
    elif blob.format == "pyc":
        yield bytecode_text(blob)
    elif blob.format in _WIDE and blob.size <= CHUNK * 4:
        encoding = _WIDE[blob.format]
        head = blob.bytes(0, 4)
        if blob.format == "utf16" and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            encoding = "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
        data = blob.bytes().decode(encoding, "replace").encode()
        yield Text(data, blob.location, layers=(encoding.upper(),), lines=Lines(data))
        if sum(data.count(char) for char in b" \n=e") * 50 < len(data):  # a mark of UTF-16 before something else
            yield Text(blob.bytes(), blob.location, lines=Lines(blob.data), is_binary=True)
    elif blob.size <= CHUNK:
        data = blob.bytes()
        is_binary = b"\0" in data[:8192]
        yield Text(data, blob.location, lines=None if is_binary else Lines(data), is_binary=is_binary)
    else:
        yield from _pieces(blob)


def _pieces(blob: Blob) -> Iterator[Text]:
    is_binary = b"\0" in blob.bytes(0, 8192)
    lines = None if is_binary else Lines(blob.data)
    for base in range(0, blob.size, CHUNK - OVERLAP):
        yield Text(
            blob.bytes(base, min(base + CHUNK, blob.size)), blob.location, base, lines=lines, is_binary=is_binary
        )
        release(blob.data, base, base + CHUNK)
        if base + CHUNK >= blob.size:
            return


def _is_tensor(blob: Blob) -> bool:
    """A tensor's bytes inside a model archive: `archive/data/17`."""
    if not blob.inside or blob.inside[-1] not in ("torch-zip", "npz", "keras-zip", "mar"):
        return False
    return blob.format in ("data", "npy") and blob.size > 1 << 16
