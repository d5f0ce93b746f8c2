"""Commits that came after a revision, and what each of them brought."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from bartizan.model.errors import SourceError
from bartizan.sources.chronicle import Appearance
from bartizan.sources.gitstore import GitStore
from bartizan.syntax.gitobject import LINK, SUBMODULE, TREE

_DEPTH = 200
_TREES = (TREE, b"040000")


def commits_since(store: GitStore, head: bytes, since: bytes) -> list[bytes]:
    """Ancestors of `head`, itself included, that are none of `since`; the oldest first.

    Walks back by time, as git does; where a shallow clone ends, so does the walk.
    """
    waiting: list[tuple[int, bytes]] = []
    old: set[bytes] = set()
    met: dict[bytes, int] = {}

    def meet(oid: bytes) -> None:
        if oid in met:
            return
        try:
            met[oid] = store.commit(oid).time
        except SourceError:
            return
        heappush(waiting, (-met[oid], oid))

    old.add(since)
    meet(head)
    meet(since)
    fresh = 1  # commits waiting that are not known to be old
    done: list[bytes] = []
    while waiting and fresh:
        _, oid = heappop(waiting)
        done.append(oid)
        for parent in store.commit(oid).parents:
            if oid in old and parent in met and parent not in old:
                _make_old(store, parent, met, old)
            elif oid in old:
                old.add(parent)
            meet(parent)
        fresh = sum(other not in old for _, other in waiting) if len(waiting) < 64 or not len(done) % 64 else 1
    return [oid for oid in reversed(done) if oid not in old]


def _make_old(store: GitStore, oid: bytes, met: dict[bytes, int], old: set[bytes]) -> None:
    """A commit that was met before turns out to be old, with what was met through it (clocks may be wrong)."""
    pending = [oid]
    while pending:
        oid = pending.pop()
        if oid not in old:
            old.add(oid)
            pending.extend(parent for parent in store.commit(oid).parents if parent in met)


def brought(store: GitStore, commit: bytes, seen: set[bytes]) -> Iterator[Appearance]:
    """Files of a commit that none of its parents has so, and that are not in `seen` yet."""
    made = store.commit(commit)
    parents: list[bytes] = []
    for parent in made.parents:
        try:
            parents.append(store.commit(parent).tree)
        except SourceError:
            continue  # beyond the edge of a shallow clone
    pending = [(made.tree, parents, b"", 0)]
    while pending:
        tree, others, prefix, depth = pending.pop()
        entries = [_tree(store, other) for other in others]
        for name, (mode, oid) in store.tree(tree).items():
            before = [each[name] for each in entries if name in each]
            if (mode, oid) in before:
                continue
            if mode in _TREES:
                if depth < _DEPTH:
                    below = [other for kind, other in before if kind in _TREES]
                    pending.append((oid, below, prefix + name + b"/", depth + 1))
            elif mode not in (LINK, SUBMODULE) and oid not in seen and oid not in {each for _, each in before}:
                seen.add(oid)
                yield Appearance(oid, commit, prefix + name)


def _tree(store: GitStore, oid: bytes) -> dict[bytes, tuple[bytes, bytes]]:
    try:
        return store.tree(oid)
    except SourceError:
        return {}
