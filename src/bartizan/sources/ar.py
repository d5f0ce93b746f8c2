"""Opens ar files: Debian packages and static libraries."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.model.blob import Blob
from bartizan.model.errors import SourceError
from bartizan.sources.budget import Budget
from bartizan.sources.member import Found, member_blob, stored

_TABLES = frozenset({"", "/", "//", "/SYM64/", "__.SYMDEF", "__.SYMDEF SORTED"})


def open_ar(blob: Blob, budget: Budget) -> Iterator[Found]:
    """Its members; names longer than 15 bytes by the table `//` (System V) or `#1/` (BSD)."""
    data, at, names = blob.data, 8, b""
    while at + 60 <= blob.size:
        header = bytes(data[at : at + 60])
        if header[58:60] != b"`\n":
            raise SourceError("the ar file is broken: a header is due")
        field = header[48:58].strip()
        if not field.isdigit():
            raise SourceError("the ar file is broken: a size is due")
        start, size = at + 60, int(field)
        at = start + size + size % 2
        budget.count()
        name = header[:16].decode("utf-8", "replace").rstrip()
        if name == "//":
            names = bytes(data[start : start + min(size, 1 << 20)])
        if name.startswith("#1/") and name[3:].isdigit():
            length = min(int(name[3:]), size)
            name = bytes(data[start : start + min(length, 4096)]).decode("utf-8", "replace").rstrip("\0")
            start, size = start + length, size - length
        elif name[:1] == "/" and name[1:].isdigit():
            name = names[int(name[1:]) :].partition(b"\n")[0].decode("utf-8", "replace")
        if name.rstrip() in _TABLES:
            continue
        yield member_blob(blob, name.rstrip("/"), stored(data, start, min(start + size, blob.size)))
        if start + size > blob.size:
            raise SourceError("the ar file ends early")
