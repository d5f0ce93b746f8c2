"""The repository around a folder, and what its names for commits mean. Git itself is not asked."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from bartizan.model.errors import SourceError, UsageError
from bartizan.sources.gitstore import COMMIT, TAG, GitStore

_HEX = re.compile(r"[0-9a-f]{4,40}")
_STEP = re.compile(r"\^\{(?:commit)?\}|[~^]\d{0,6}|@\{0\}")
_REF = re.compile(rb"ref: ([^\0\n]{1,4000})")
_PLACES = ("", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/")
"""Where git looks for a short name (gitrevisions(7)); `refs/remotes/NAME/HEAD` comes last."""
_LINKS = 10


@dataclass(frozen=True, slots=True)
class Repository:
    """`folder` holds HEAD and the index; `common` the objects and branches, the same unless this is one of several
    working trees; `top` is the working tree, empty where there is none.
    """

    folder: str
    common: str
    top: str

    def store(self) -> GitStore:
        """Its objects, those it borrows included: the person stands in it. Raises SourceError."""
        return GitStore(self.common, os.sep)

    def head(self) -> bytes | None:
        """The commit that is checked out; None before the first one. Raises UsageError."""
        text = _read(os.path.join(self.folder, "HEAD"))
        if text.startswith(b"ref: refs/heads/.invalid"):
            raise UsageError(f"{self.top or self.folder}: its branches are kept as a reftable, which cannot be read")
        return self._ref("HEAD")

    def commit(self, store: GitStore, revision: str) -> bytes | None:
        """The commit of a branch, tag, id or `HEAD~2` and the like; None when nothing is called so."""
        steps: list[str] = []
        name = revision
        while found := re.search(rf"(?:{_STEP.pattern})$", name):
            steps.insert(0, found.group())
            name = name[: found.start()]
        oid = self._named(store, name or "HEAD")
        for step in steps:
            if oid is not None:
                oid = _stepped(store, oid, step)
        return _peeled(store, oid) if oid is not None else None

    def _named(self, store: GitStore, name: str) -> bytes | None:
        if name == "@":
            name = "HEAD"
        if "\0" in name or ".." in name or name.startswith(("/", "-")):
            return None
        for place in (*(place + name for place in _PLACES), f"refs/remotes/{name}/HEAD"):
            if (place.startswith("refs/") or place.isupper()) and (oid := self._ref(place)) is not None:
                return oid
        lower = name.lower()
        return store.find(lower) if _HEX.fullmatch(lower) else None

    def _ref(self, name: str) -> bytes | None:
        """What a reference stands for, by its whole name."""
        for _ in range(_LINKS):
            text = _read(os.path.join(self.folder, name)) or _read(os.path.join(self.common, name))
            if link := _REF.match(text):
                name = os.fsdecode(link.group(1).strip())
                if ".." in name.split("/") or not name.startswith("refs/"):
                    return None
                continue
            return _oid(text[:40]) or self._packed(name)
        return None

    def _packed(self, name: str) -> bytes | None:
        wanted = b" " + os.fsencode(name)
        for line in _read(os.path.join(self.common, "packed-refs"), 64 << 20).split(b"\n"):
            if line.endswith(wanted) and len(line) == 40 + len(wanted):
                return _oid(line[:40])
        return None


def find_repository(path: str) -> Repository | None:
    """The repository whose working tree the path lies in; None outside of any."""
    folder = os.path.realpath(path)
    while True:
        git = os.path.join(folder, ".git")
        if os.path.isfile(git):
            link = _read(git)
            if link.startswith(b"gitdir: "):
                git = os.path.join(folder, os.fsdecode(link[8:].strip()))
        if os.path.isfile(os.path.join(git, "HEAD")):
            shared = _read(os.path.join(git, "commondir")).strip()
            common = os.path.join(git, os.fsdecode(shared)) if shared and b"\0" not in shared else git
            if os.path.isdir(os.path.join(common, "objects")):
                return Repository(os.path.realpath(git), os.path.realpath(common), folder)
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _stepped(store: GitStore, oid: bytes, step: str) -> bytes | None:
    """One `~N`, `^N` or `^{commit}` from a commit or tag."""
    start = _peeled(store, oid)
    if start is None or step[0] == "@" or step[1:2] == "{":
        return start
    number = int(step[1:] or 1)
    try:
        if step[0] == "^":
            parents = store.commit(start).parents
            return start if not number else parents[number - 1] if number <= len(parents) else None
        for _ in range(number):
            start = store.commit(start).parents[0]
    except (SourceError, IndexError):
        return None
    return start


def _peeled(store: GitStore, oid: bytes) -> bytes | None:
    """The commit that an object is, or that a tag stands for."""
    for _ in range(_LINKS):
        try:
            kind = store.kind(oid)
            if kind == COMMIT:
                return oid
            target = re.match(rb"object ([0-9a-f]{40})\n", store.read(oid)) if kind == TAG else None
        except SourceError:
            return None
        if target is None:
            return None
        oid = bytes.fromhex(target.group(1).decode())
    return None


def _oid(text: bytes) -> bytes | None:
    return bytes.fromhex(text.decode()) if re.fullmatch(rb"[0-9a-f]{40}", text) else None


def _read(path: str, limit: int = 1 << 16) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            return file.read(limit) or b""
    except (OSError, ValueError):
        return b""
