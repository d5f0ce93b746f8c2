"""What a revision such as `HEAD~2`, `main` or `v1.0^2` means, read without git: gitrevisions(7), the common forms."""

from __future__ import annotations

import os
import re

from bartizan.model.errors import SourceError, UsageError
from bartizan.sources.gitstore import COMMIT, GitStore

_REVISION = re.compile(r"([A-Za-z0-9_@][\w./@-]*?)((?:[~^]\d*)*)")
_STEP = re.compile(r"([~^])(\d*)")
_PLACES = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
_LINKS = 5


def find_repository(path: str) -> tuple[str, str, str]:
    """Working tree, git directory and the directory with objects and references, for the repository around `path`.

    Raises UsageError when there is none.
    """
    folder = os.path.realpath(path if os.path.isdir(path) else os.path.dirname(path))
    while True:
        marker = os.path.join(folder, ".git")
        if os.path.isdir(marker):
            return folder, marker, marker
        if os.path.isfile(marker):
            own = os.path.normpath(os.path.join(folder, _line(marker).removeprefix("gitdir:").strip()))
            common = _line(os.path.join(own, "commondir")).strip() or "."
            return folder, own, os.path.normpath(os.path.join(own, common))
        above = os.path.dirname(folder)
        if above == folder:
            raise UsageError(f"{path}: not inside a git repository")
        folder = above


def tree_of(store: GitStore, own: str, common: str, revision: str) -> bytes | None:
    """The tree of the commit that the revision names; None for HEAD before the first commit. Raises UsageError."""
    match = _REVISION.fullmatch(revision)
    commit = _named(store, own, common, match.group(1)) if match else None
    if commit is None and revision == "HEAD":
        return None
    try:
        for sign, digits in _STEP.findall(match.group(2)) if match and commit else ():
            commit = _ancestor(store, commit or b"", sign, int(digits or 1))
        if commit is not None:
            return store.commit(commit).tree
    except (SourceError, IndexError):
        pass
    raise UsageError(f"{revision}: no such revision")


def _ancestor(store: GitStore, commit: bytes, sign: str, number: int) -> bytes:
    if sign == "^":
        return store.commit(commit).parents[number - 1] if number else commit
    for _ in range(min(number, 1_000_000)):
        commit = store.commit(commit).parents[0]
    return commit


def _named(store: GitStore, own: str, common: str, name: str) -> bytes | None:
    name = "HEAD" if name == "@" else name
    for place in _PLACES:
        found = _reference(own, common, place.format(name))
        if found:
            return _peeled(store, found)
    if re.fullmatch(r"[0-9a-f]{40}", name):
        return _peeled(store, bytes.fromhex(name))
    if re.fullmatch(r"[0-9a-f]{4,39}", name):
        fitting = {oid for oid, kind in store.kinds() if kind == COMMIT and oid.hex().startswith(name)}
        return fitting.pop() if len(fitting) == 1 else None
    return None


def _reference(own: str, common: str, name: str, depth: int = 0) -> bytes | None:
    if ".." in name or depth > _LINKS:
        return None
    text = _line(os.path.join(own, name)) or _line(os.path.join(common, name))
    if text.startswith("ref:"):
        return _reference(own, common, text[4:].strip(), depth + 1)
    text = text.strip() or _packed(common, name)
    return bytes.fromhex(text) if re.fullmatch(r"[0-9a-f]{40}", text) else None


def _packed(common: str, name: str) -> str:
    try:
        with open(os.path.join(common, "packed-refs"), encoding="utf-8", errors="replace") as file:
            for line in file:
                oid, _, reference = line.strip().partition(" ")
                if reference == name:
                    return oid
    except OSError:
        pass
    return ""


def _peeled(store: GitStore, oid: bytes) -> bytes | None:
    """The commit that an annotated tag, or a tag of a tag, stands for."""
    for _ in range(_LINKS):
        try:
            data = store.read(oid)
        except SourceError:
            return None
        match = re.match(rb"object ([0-9a-f]{40})\n", data)
        if not match:
            return oid
        oid = bytes.fromhex(match.group(1).decode())
    return None


def _line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline(4096)
    except OSError:
        return ""
