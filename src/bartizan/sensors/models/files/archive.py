"""Models that are zip archives: torch, numpy, Keras, and whatever else holds a pickle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bartizan.sensors.models.files import zipped
from bartizan.sensors.models.files.zipped import Archive, Member
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing
from bartizan.sensors.models.pickles.stream import looks_like_start

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer

_ESCAPES = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:[/\\]|\x00")
_RATIO, _BOMB = 200, 64 << 20
_MATTERS = (".pkl", ".npy", ".json", ".h5", ".py")
"""Members that are code, or say what is built."""


def examine_archive(reading: Reading, data: Buffer, archive: Archive) -> None:
    """What is wrong with the archive itself."""
    members = archive.members + archive.stray
    reading.add(*_confusions(archive), *_escapes(members), *_bombs(archive))
    if archive.truncated:
        reading.gaps.append("the archive's table of contents is damaged")
    reading.gaps.extend(_unreadable(data, members))
    if any(issue.rule == "zip-confusion" for issue in reading.issues):
        reading.worsen(Standing.REVIEW)


def _unreadable(data: Buffer, members: list[Member]) -> Iterator[str]:
    """Members that matter and are really encrypted or packed in an unknown way: nothing known begins there."""
    for member in members:
        strange = member.flags & 1 or member.method not in zipped.METHODS
        if strange and member.packed and member.name.endswith(_MATTERS):
            head = zipped.head(data, member)
            if not looks_like_start(head) and not head.startswith((b"\x93NUMPY", b"\x89HDF", b"{")):
                how = f"packed with method {member.method}" if member.method not in zipped.METHODS else "encrypted"
                yield f"{safe_name(member.name)} is {how} and cannot be read"


def _confusions(archive: Archive) -> Iterator[Issue]:
    for member in archive.members:
        if member.flaws and not member.name.endswith("/"):
            yield Issue("zip-confusion", f"the headers of {member.name!r} disagree: {'; '.join(member.flaws)}",
                        member=member.name, proof="headers")  # fmt: skip
    names = [member.name for member in archive.members]
    doubles = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    for name in sorted(doubles):
        yield Issue("zip-confusion", f"{names.count(name)} members are named {name!r}", member=name, proof="double")
    known = {member.name for member in archive.members}
    for member in archive.stray:
        what = "a further copy of" if member.name in known else "hidden"
        yield Issue("zip-confusion", f"{what} {member.name!r} that the table of contents does not list",
                    member=member.name, proof="stray", offset=None)  # fmt: skip


def _escapes(members: list[Member]) -> Iterator[Issue]:
    for member in members:
        if _ESCAPES.search(member.name):
            yield Issue("zip-escape", f"the member {member.name!r} would be written outside the folder",
                        member=member.name, proof=member.name)  # fmt: skip


def _bombs(archive: Archive) -> Iterator[Issue]:
    previous: Member | None = None
    for member in archive.members:
        if member.size > _BOMB and member.size > _RATIO * max(1, member.packed):
            yield Issue("zip-bomb", f"{member.name!r} grows from {member.packed} to {member.size} bytes",
                        member=member.name, proof="ratio")  # fmt: skip
        if previous and previous.packed and member.header < previous.stop and member.header != previous.header:
            yield Issue("zip-bomb", f"{member.name!r} overlaps {previous.name!r}", member=member.name, proof="overlap")
        previous = member


def safe_name(name: str) -> str:
    """A member's name as a location holds it."""
    return name.replace("!", "%21")[:512]


def heads(data: Buffer, archive: Archive) -> Iterator[tuple[Member, bytes]]:
    """Every member, listed or not, with its first bytes."""
    for member in archive.members + archive.stray:
        if member.packed and not member.name.endswith("/"):
            yield member, zipped.head(data, member)
