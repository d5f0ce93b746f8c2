"""What openers of archives have in common: naming what they find, and saying what they could not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bartizan.model.blob import Blob, Buffer
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.location import Location
from bartizan.sources.format import sniff

Found = Blob | Coverage
COPIED = 1 << 20
"""Members up to this size are copied out of their archive, so that every reader has them as bytes at once."""
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")


def member_blob(parent: Blob, name: str, data: Buffer, mode: int | None = None) -> Blob:
    """A member of the archive `parent`."""
    place = member_location(parent, name)
    return Blob(place, data, sniff(name, data), (*parent.inside, parent.format), mode)


def member_location(parent: Blob, name: str) -> Location:
    """Where the member stands: one level below its archive."""
    name = tidy(name)
    outer = parent.location.member
    return replace(parent.location, member=f"{outer}!{name}" if outer else name)


def tidy(name: str) -> str:
    """The name as text, without the `./` that tar puts in front."""
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    try:
        name.encode()
    except UnicodeEncodeError:
        name = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return name.replace("\0", "\\x00")[:4096]


def unsafe_name(parent: Blob, name: str) -> Iterator[Coverage]:
    """Say that a name would lead out of the folder it is unpacked to. Nothing is ever written, so it is read."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(name):
        reason = "the member's name leads out of the folder it would be unpacked to; its content was read"
        yield Coverage(Outcome.SKIPPED, str(member_location(parent, name)), reason)


def unread(parent: Blob, name: str, reason: str) -> Coverage:
    """A member that could not be read."""
    return Coverage(Outcome.FAILED, str(member_location(parent, name)), reason)


def stored(data: Buffer, start: int, stop: int) -> Buffer:
    """A part of the archive as it stands: a view when it is large."""
    if stop - start <= COPIED:
        return bytes(data[start:stop])
    return memoryview(data)[start:stop]
