"""Where something is."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, order=False)
class Location:
    """A place, by whatever applies of its parts. Paths are relative to the target, with `/`.

    `member` joins archive levels with `!`; `line` and `column` count from 1 in the innermost text as stored;
    `commit` is the one that added the line; `record` names an entry inside (a server of a configuration, an
    event of a log). `target` is set only when one scan has several targets, to tell equal paths apart.
    """

    path: str | None = None
    member: str | None = None
    line: int | None = None
    column: int | None = None
    offset: int | None = None
    commit: str | None = None
    url: str | None = None
    host: str | None = None
    port: int | None = None
    record: str | None = None
    target: str | None = None

    def place(self) -> tuple[str, ...]:
        """The parts that enter an id: those that stay when lines above are added or removed."""
        port = "" if self.port is None else str(self.port)
        named = (self.target or "", self.path or "", self.member or "", self.commit or "", self.url or "")
        return (*named, self.host or "", port, self.record or "")

    @property
    def leaf(self) -> str:
        """The last name of the innermost path; empty where there is none."""
        return (self.member or self.path or "").rpartition("!")[2].rpartition("/")[2]

    def as_dict(self) -> dict[str, str | int]:
        """Only the parts that are set."""
        return {name: value for name in _FIELDS if (value := getattr(self, name)) is not None}

    def sort_key(self) -> tuple[tuple[str, ...], int, int, int]:
        """A total order that puts neighbours beside each other."""
        return (self.place(), self.line or 0, self.column or 0, self.offset or 0)

    def __str__(self) -> str:
        if self.path is not None:
            text = self.path + (f"!{self.member}" if self.member else "")
        elif self.url is not None:
            text = self.url
        elif self.host is not None:
            text = f"[{self.host}]" if ":" in self.host else self.host
            text += f":{self.port}" if self.port is not None else ""
        else:
            text = self.member or self.record or ""
        text += f":{self.line}" if self.line is not None else ""
        return text + (f"@{self.commit[:12]}" if self.commit else "")


_FIELDS = tuple(field.name for field in fields(Location))
