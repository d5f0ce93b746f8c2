"""Repositories made by git itself, for the tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage
from bartizan.model.settings import Settings
from bartizan.scope.guard import Guard
from bartizan.scope.target import parse_target
from bartizan.sources.history import History

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


class Repo:
    """One repository with a clock of its own, so that the order of commits is certain."""

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        self.clock = 1_700_000_000
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", *options, ".")

    def git(self, *arguments: str, data: bytes = b"") -> str:
        self.clock += 60
        when = {"GIT_AUTHOR_DATE": f"{self.clock} +0000", "GIT_COMMITTER_DATE": f"{self.clock} +0000"}
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env=ENVIRONMENT | when, input=data, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    def write(self, name: str, content: bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def commit(self, message: str = "change", /, **files: bytes | None) -> str:
        """Write (`None` removes), add everything, commit; returns the commit. `__` in names stands for `/`."""
        for key, content in files.items():
            name = key.replace("__", "/")
            if content is None:
                (self.path / name).unlink()
            else:
                self.write(name, content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def history(path: Path, folder: str = "") -> tuple[list[Blob], list[Coverage]]:
    """All that the source gives for the repository, in order."""
    source = History(Settings(), Guard(None))
    target = parse_target(str(path))
    blobs: list[Blob] = []
    gaps: list[Coverage] = []
    for batch in source.batches(target, folder):
        if isinstance(batch, Coverage):
            gaps.append(batch)
            continue
        for seen in source.subjects(batch):
            if isinstance(seen, Coverage):
                gaps.append(seen)
            elif isinstance(seen, Blob):
                blobs.append(seen)
    return blobs, gaps


def files(blobs: list[Blob]) -> dict[str, tuple[str | None, str | None]]:
    """Path and commit of each file's content; messages and tags left out."""
    return {
        blob.bytes().decode("latin-1"): (blob.location.path, blob.location.commit)
        for blob in blobs
        if blob.location.record is None
    }
