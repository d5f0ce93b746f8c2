"""Orders versions, by the scheme of their ecosystem. Letters are never stripped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from packaging.version import InvalidVersion
from packaging.version import Version as Pep440

Key = tuple[Any, ...]
MAX_LENGTH = 128
SCHEMES = {"pypi": "pep440"}
"""The scheme of a package by the type of its purl; `semver` for all others."""

_NUMBERS = re.compile(r"[vV=]?\s*(\d{1,18}(?:\.\d{1,18}){0,7})(.*)", re.DOTALL)
_PIECE = re.compile(r"\d{1,18}|[a-z]+")
_DESCRIBED = re.compile(r"-(\d+)-g[0-9a-f]{6,40}(?:-dirty)?$")
_DISTRIBUTION = re.compile(
    r"(?:[+~-](?:\d+)?(?:deb|ubuntu|debian|dfsg|el|fc|amzn|suse|alpine|bookworm|bullseye|build)[\w.~+]*"
    r"|-r\d+|-\d+(?:\.[a-z]\w*)+|-\d+(?:ubuntu|build|deb)[\w.~+]*)$",
    re.IGNORECASE,
)
_BUILD_NUMBER = re.compile(r"[bB]?(\d{3,6})(?:-[0-9a-f]{6,40})?$")


@dataclass(frozen=True, slots=True)
class Reading:
    """A version as far as it can be ordered.

    `key` orders it among readings of the same scheme. `doubt` says why a match may be wrong all the same: a
    distribution's build may carry the fix, a build between two releases may or may not. `nameless` marks what
    build systems write when they know no release (`0.0.0`, `0.1.dev1+g1a2b3c4`).
    """

    key: Key
    first: int
    doubt: str = ""
    nameless: bool = False


@lru_cache(maxsize=16384)
def read_version(text: str, scheme: str, same: tuple[str, ...] = ()) -> Reading | None:
    """Read a version as the ecosystem would; None when the scheme knows no such version.

    Schemes: `pep440`; `semver` (1 to 8 numbers, pre-release before release); `calver` (likewise, but a numeric
    suffix is a later correction of that day's release); `build` (one counter, `b4567`).
    """
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    doubt = ""
    if match := _DESCRIBED.search(text):
        text, doubt = text[: match.start()], "a build some commits after a release"
    elif scheme != "calver" and (match := _DISTRIBUTION.search(text)):
        text, doubt = text[: match.start()], "a distribution's build may carry the fix"
    for suffix in same:
        text = text.removesuffix(f"-{suffix}")
    if scheme == "pep440":
        return _read_pep440(text, doubt)
    if scheme == "build":
        match = _BUILD_NUMBER.match(text)
        return Reading((int(match.group(1)),), int(match.group(1)), doubt) if match else None
    return _read_numbers(text, scheme == "calver", doubt)


def _read_pep440(text: str, doubt: str) -> Reading | None:
    try:
        version = Pep440(text)
    except InvalidVersion:
        return None
    from_commit = version.dev is not None and bool(version.local)
    nameless = not any(version.release) or (from_commit and version.release <= (0, 1, 0))
    # A local label (+cu121) says how a release was built and is not part of what an advisory means by it.
    doubt = doubt or ("a development build" if from_commit else "")
    return Reading((Pep440(version.public),), version.release[0], doubt, nameless)


def _read_numbers(text: str, corrections: bool, doubt: str) -> Reading | None:
    match = _NUMBERS.fullmatch(text)
    if not match:
        return None
    numbers = [int(part) for part in match.group(1).split(".")]
    first = numbers[0]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    rest = match.group(2).partition("+")[0].lower()
    if not rest:
        return Reading((tuple(numbers), 1, ()), first, doubt, nameless=not any(numbers))
    if rest[0] not in "-._" and not rest[0].isalpha():
        return None
    pieces = _PIECE.findall(rest)
    if not pieces or re.sub(r"[\w.~-]", "", rest):
        return None
    if corrections and len(pieces) == 1 and pieces[0].isdigit():
        return Reading((tuple(numbers), 2, (_item(pieces[0]),)), first, doubt)
    if pieces[0] in ("post", "patch", "p", "hotfix", "rev"):
        return Reading((tuple(numbers), 2, tuple(map(_item, pieces[1:]))), first, doubt)
    return Reading((tuple(numbers), 0, tuple(map(_item, pieces))), first, doubt)


def _item(piece: str) -> tuple[int, int, str]:
    """Numbers before words, as semver has it; `beta10` is two pieces and comes after `beta9`."""
    return (0, int(piece), "") if piece.isdigit() else (1, 0, piece)
