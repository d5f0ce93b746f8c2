"""Names that are one slip away from a known one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bartizan.rules.knownserver import KnownServer, Names
from bartizan.syntax.script import skeleton

SHORTEST = 6
"""Names shorter than this lie near too many others to say anything."""


@dataclass(slots=True)
class Lookalikes:
    """Known package names of each ecosystem, ready to be compared with."""

    servers: Iterable[KnownServer]
    names: Names
    _known: dict[str, dict[str, str]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for server in self.servers:
            if not server.watched:
                continue
            for ecosystem in ("npm", "pypi"):
                for name in server.packages(ecosystem):
                    self._known.setdefault(ecosystem, {})[_plain(name)] = name

    def resembles(self, ecosystem: str, name: str) -> str:
        """The known package that this name could be taken for, or the empty string.

        One edit or swap away; the same letters with other separators or lookalike characters; a known scoped name
        under a scope that is one edit away; or a known scoped name's own part without its scope.
        """
        known = self._known.get(ecosystem, {})
        plain = _plain(name)
        if name.lower() in known.values() or plain in self.names.honest or name.lower() in self.names.honest:
            return ""
        if plain in known and not name.isascii():
            return known[plain]
        if len(plain) < SHORTEST:
            return ""
        scope, _, bare = plain.rpartition("/")
        for other, spelled in known.items():
            if abs(len(other) - len(plain)) > 1 or other == plain:
                continue
            other_scope, _, other_bare = other.rpartition("/")
            if bool(scope) != bool(other_scope) or min(len(bare), len(other_bare)) < SHORTEST - 1:
                continue
            if (scope == other_scope or bare == other_bare) and one_slip(plain, other):
                return spelled
        return self._without_scope(plain, known) if not scope else ""

    def _without_scope(self, plain: str, known: dict[str, str]) -> str:
        """`server-filesystem` for `@modelcontextprotocol/server-filesystem`, or `@modelcontextprotocol-server-…`."""
        for other, spelled in known.items():
            scope, _, bare = other.rpartition("/")
            if scope and plain == f"{scope.lstrip('@')}-{bare}":
                return spelled
        return ""


def _plain(name: str) -> str:
    """Lower case, look-alike letters folded to ASCII where Unicode says so, `_` and `.` as `-`."""
    return skeleton(name).lower().replace("_", "-").replace(".", "-")


def one_slip(left: str, right: str) -> bool:
    """Whether one insertion, deletion, replacement or swap of neighbours makes the two equal."""
    if left == right:
        return False
    if len(left) > len(right):
        left, right = right, left
    start = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left))
    if len(left) == len(right):
        if left[start + 1 :] == right[start + 1 :]:
            return True
        swapped = left[start : start + 2] == right[start : start + 2][::-1]
        return swapped and left[start + 2 :] == right[start + 2 :]
    return len(right) - len(left) == 1 and left[start:] == right[start + 1 :]
