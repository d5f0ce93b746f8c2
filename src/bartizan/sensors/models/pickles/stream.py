"""Looks at all the pickles of a range of bytes: one after the other, and those inside their literals."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bartizan.sensors.models.pickles.calls import STEPS
from bartizan.sensors.models.pickles.inert import inert_end
from bartizan.sensors.models.pickles.machine import Tape, follow
from bartizan.sensors.models.pickles.names import Standing
from bartizan.sensors.models.pickles.opcodes import BYTES
from bartizan.sensors.models.pickles.steps import literal_span, literal_text
from bartizan.sensors.models.pickles.values import Named, Sight, Sighting

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.pickles.names import NameTable

_START = re.compile(rb"\x80[\x01-\x05]|[(\]}]*[ci][A-Za-z_][\w.]*\n[\w.]+\n|\(?[SVIFLNU\]})(lPdp]")
_CALLING = re.compile(rb"\x80[\x01-\x05]|[(\]}]*[ci][A-Za-z_][\w.]*\n[\w.]+\n|\([dlt]p\d+\n|[\]})][qr][\x00-\x05]")
_STREAMS = 10_000
_WORTH = 2048
"""Shorter streams are followed at once."""
_DEPTH = 8
_DECODED = 16 << 20
_NESTED = 64


@dataclass(slots=True)
class Stream:
    """What one range of bytes names and does when it is unpickled. Offsets count from the start of `data`.

    `end` is after the last STOP; `broken` says what the last stream ran into, at `broken_at`. `loaded` is whether
    something unpickles it (false for a pickle that only stands in a literal). `archives` are spans of literals
    that hold a zip file.
    """

    data: Buffer
    start: int
    end: int
    globals: list[Named] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    streams: int = 0
    calls: int = 0
    storages: int = 0
    protocol: int = 0
    broken: str = ""
    broken_at: int = 0
    loaded: bool = True
    nested: list[Stream] = field(default_factory=list)
    archives: list[tuple[int, int]] = field(default_factory=list)

    def everything(self) -> Iterator[Stream]:
        """This stream and those inside, at any depth."""
        yield self
        for inner in self.nested:
            yield from inner.everything()

    @property
    def standing(self) -> Standing:
        """The verdict on the whole."""
        standings = {self._own()} | {inner.standing for inner in self.nested}
        order = (Standing.DENY, Standing.REVIEW, Standing.UNKNOWN)
        return next((standing for standing in order if standing in standings), Standing.ALLOW)

    def _own(self) -> Standing:
        judgements = [seen.judgement for seen in self.globals]
        if any(seen.standing is Standing.DENY for seen in judgements) or any(
            seen.severe and seen.sight is not Sight.CODE for seen in self.sightings
        ):
            return Standing.DENY
        if any(seen.judgement.suspicious and seen.called for seen in self.globals) or self.sightings:
            return Standing.REVIEW
        if any(seen.judgement.standing is Standing.UNKNOWN and (seen.called or not seen.judgement.passive)
               for seen in self.globals):  # fmt: skip
            return Standing.UNKNOWN
        return Standing.ALLOW


def looks_like_start(data: Buffer, at: int = 0) -> bool:
    """Whether a pickle could begin here: a protocol byte, or the opcodes that text protocols begin with."""
    return _CALLING.match(data[at : at + 256]) is not None


def examine(data: Buffer, names: NameTable, start: int = 0, end: int | None = None, depth: int = 0) -> Stream:
    """Follow every pickle from `start` to `end`, and those in their literals."""
    end = len(data) if end is None else end
    whole = Stream(data, start, start)
    at = start
    while at < end and whole.streams < _STREAMS:
        if end - at > _WORTH and (after := inert_end(data, at, end)):
            whole.streams, whole.end, whole.broken = whole.streams + 1, after, ""
            whole.protocol = max(whole.protocol, data[at + 1] if data[at] == 0x80 else 0)
            if not _START.match(data[after : after + 256]):
                break
            at = after
            continue
        tape = Tape(data, at, end, names)
        after = follow(tape, STEPS)
        if tape.broken and whole.streams and not _matters(tape):
            break
        _take(whole, tape, after, depth)
        if tape.broken or not _START.match(data[after : after + 256]):
            break
        at = after
    return whole


def _matters(tape: Tape) -> bool:
    return any(seen.judgement.standing is Standing.DENY for seen in tape.named()) or bool(tape.sightings)


def _take(whole: Stream, tape: Tape, after: int, depth: int) -> None:
    known = {(seen.module, seen.name): seen for seen in whole.globals}
    for seen in tape.named():
        if (seen.module, seen.name) not in known:
            whole.globals.append(seen)
        elif seen.called and not known[seen.module, seen.name].called:
            whole.globals[whole.globals.index(known[seen.module, seen.name])] = seen
    whole.sightings += tape.sightings
    whole.calls += tape.calls
    whole.storages += tape.storages
    whole.protocol = max(whole.protocol, tape.protocol)
    whole.broken, whole.broken_at = tape.broken, tape.at
    if not tape.broken:
        whole.streams += 1
        whole.end = after
    loads = any(seen.called and seen.judgement.judge in ("nested", "module", "resolver") for seen in tape.named())
    loads = loads or any(seen.called and seen.judgement.reason == "loader" for seen in tape.named())
    for literal in tape.embedded:
        if len(whole.nested) < _NESTED:
            _look_inside(whole, tape, literal, depth, loads)


def _look_inside(whole: Stream, tape: Tape, literal: int, depth: int, loads: bool) -> None:
    """A literal that may be a pickle: kept when it is one, to its STOP or to something denied."""
    start, count = literal_span(tape, literal)
    if tape.data[literal - 1] in BYTES or tape.data[literal - 1] in b"UT":
        if tape.data[start : start + 4] == b"PK\x03\x04":
            whole.archives.append((start, count))
            return
        if _CALLING.match(tape.data[start : start + 256]):
            _keep(whole, tape.data, start, start + count, tape.names, depth, loads)
    if tape.data[literal - 1] not in BYTES and count < _DECODED:
        decoded = _decoded(literal_text(tape, literal) or "", loads)
        if decoded and _CALLING.match(decoded):
            _keep(whole, decoded, 0, len(decoded), tape.names, depth, loads)


def _keep(whole: Stream, data: Buffer, start: int, end: int, names: NameTable, depth: int, loads: bool) -> None:
    if depth >= _DEPTH:
        return
    inner = examine(data, names, start, end, depth=depth + 1)
    if (inner.globals or inner.nested) and (inner.streams or inner.standing is Standing.DENY):
        inner.loaded = loads
        whole.nested.append(inner)


def _decoded(text: str, loads: bool) -> bytes:
    """Text that holds bytes: as latin-1, base64 or hexadecimal; empty when it does not."""
    if text[:1] == "\x80" or (loads and "\n" in text[:128]):
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            return b""
    try:
        if text[:2] == "gA":
            return base64.b64decode(text, validate=False)
        if text[:3] in ("800", "630"):
            return bytes.fromhex(text)
    except (ValueError, binascii.Error):
        return b""
    return b""
