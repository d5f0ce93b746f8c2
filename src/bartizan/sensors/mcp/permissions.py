"""Who else can read or change a configuration file."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.model.blob import Blob
from bartizan.model.severity import Severity
from bartizan.rules.client import Level
from bartizan.sensors.mcp.flaw import Flaw


def permission_flaws(blob: Blob, level: Level, holds_secrets: bool, runs_commands: bool) -> Iterator[Flaw]:
    """Judged by the file's mode bits; what has none (members of archives, Windows) is not judged.

    A project's file is as readable as the project, so only a person's own is judged for that. A group that may
    write is often the user's own (umask 002), hence the lower severity.
    """
    if blob.mode is None or blob.inside or blob.location.commit:
        return
    bits = blob.mode & 0o777
    if bits & 0o002 and runs_commands:
        yield Flaw("config-writable", (), f"mode {bits:04o}: everybody can change which programs the client runs")
    elif bits & 0o020 and runs_commands:
        severity = Severity.MEDIUM if level is Level.USER else Severity.LOW
        text = f"mode {bits:04o}: the file's group can change which programs the client runs"
        yield Flaw("config-writable", (), text, severity=severity)
    if bits & 0o044 and holds_secrets and level is Level.USER:
        who = "everybody" if bits & 0o004 else "the file's group"
        yield Flaw("config-readable", (), f"mode {bits:04o}: {who} on this machine can read the secrets in it")
