"""When each blob of a repository first appeared, and where."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from bartizan.model.errors import SourceError
from bartizan.sources.gitstore import BLOB_KIND, COMMIT, TAG, TREE_KIND, GitStore
from bartizan.syntax.gitobject import LINK, SUBMODULE, TREE, Commit, read_tree

_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Appearance:
    """One thing to look at. `commit` is empty for what no commit holds; `path` is empty for messages and tags."""

    oid: bytes
    commit: bytes
    path: bytes = b""
    kind: str = "file"


@dataclass(slots=True)
class Chronicle:
    """Walks all commits, parents first and oldest first among those that could come next.

    Every blob is met once, in the first commit that has it; every tree is read once. `flaws` collects what could
    not be read.
    """

    store: GitStore
    flaws: list[str] = field(default_factory=list)
    missing: int = 0
    """Blobs that trees name and the repository does not hold."""
    _held: set[bytes] = field(default_factory=set)
    _trees: set[bytes] = field(default_factory=set)
    _blobs: set[bytes] = field(default_factory=set)

    def appearances(self) -> Iterator[Appearance]:
        """Everything once, oldest first; then tags, and what no commit holds any more."""
        kinds: dict[int, list[bytes]] = {COMMIT: [], TREE_KIND: [], BLOB_KIND: [], TAG: [], 0: []}
        for oid, kind in self.store.kinds():
            kinds.setdefault(kind, []).append(oid)
        self.flaws.extend(self.store.flaws)
        self._held.update(kinds[BLOB_KIND], kinds[0])
        for oid, commit in self._in_order(kinds[COMMIT]):
            yield Appearance(oid, oid, kind="message")
            yield from self._below(commit.tree, oid)
        for oid in kinds[TAG]:
            yield Appearance(oid, b"", kind="tag")
        yield from self._lost_trees(kinds[TREE_KIND])
        for oid in sorted(kinds[BLOB_KIND]):
            if oid not in self._blobs:
                self._blobs.add(oid)
                yield Appearance(oid, b"")
        met = self._blobs | self._trees
        self.flaws.extend(f"the git object {oid.hex()} is damaged" for oid in kinds[0] if oid not in met)

    def _in_order(self, oids: list[bytes]) -> Iterator[tuple[bytes, Commit]]:
        commits: dict[bytes, Commit] = {}
        for oid in oids:
            try:
                commits[oid] = self.store.commit(oid)
            except SourceError as error:
                self.flaws.append(error.what)
        waiting: dict[bytes, int] = {}
        children: dict[bytes, list[bytes]] = {}
        ready: list[tuple[int, bytes]] = []
        for oid, commit in commits.items():
            known = [parent for parent in set(commit.parents) if parent in commits]
            waiting[oid] = len(known)
            for parent in known:
                children.setdefault(parent, []).append(oid)
            if not known:
                heappush(ready, (commit.time, oid))
        while ready:
            _, oid = heappop(ready)
            yield oid, commits[oid]
            for child in children.get(oid, ()):
                waiting[child] -= 1
                if not waiting[child]:
                    heappush(ready, (commits[child].time, child))

    def _below(self, tree: bytes, commit: bytes, path: bytes = b"") -> Iterator[Appearance]:
        """What is new below a tree."""
        pending = deque([(tree, path, 0)])
        while pending:
            oid, prefix, depth = pending.popleft()
            if oid in self._trees:
                continue
            self._trees.add(oid)
            try:
                for mode, name, entry in read_tree(self.store.read(oid)):
                    if entry in self._blobs or entry in self._trees:
                        continue
                    if mode in (TREE, b"040000"):
                        if depth < _DEPTH:
                            pending.append((entry, prefix + name + b"/", depth + 1))
                    elif mode != SUBMODULE:
                        self._blobs.add(entry)
                        if entry not in self._held:
                            self.missing += 1
                        elif mode != LINK:
                            yield Appearance(entry, commit, prefix + name)
            except SourceError as error:
                self.flaws.append(error.what)

    def _lost_trees(self, trees: list[bytes]) -> Iterator[Appearance]:
        """Trees that no commit holds: outermost first, so that paths are as long as they can be known."""
        lost = {oid for oid in trees if oid not in self._trees}
        inner: set[bytes] = set()
        for oid in lost:
            try:
                inner.update(entry for mode, _, entry in read_tree(self.store.read(oid)) if mode == TREE)
            except SourceError:
                continue
        for oid in sorted(lost - inner) + sorted(lost & inner):
            yield from self._below(oid, b"")
