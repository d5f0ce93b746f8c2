"""Lists of npm packages: package.json and the lock files of npm, Yarn, pnpm and Bun."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from bartizan.sensors.packages.dependency import Dependency
from bartizan.sensors.packages.listing import Lines, Listing

_VERSION = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?")
_ADDRESS = re.compile(r"(?:git\+|git:|https?:|github:|gitlab:|bitbucket:|ssh:)|[\w.-]+/[\w.-]+(?:#|$)")
_UNINDEXED = re.compile(r"git(?:\+|:|@)|http://|[^@]+@(?:git|https?|ssh)[:+@]")
_KEY_LINE = re.compile(r'^\s*"((?:node_modules/|(?:[^"\n]*/)?node_modules/)?[^"\n]+)": \{', re.MULTILINE)
_YARN_HEAD = re.compile(r'^"?((?:@[^@/"\n]+/)?[^@"\n\s]+)@[^\n]*:$', re.MULTILINE)
_YARN_VERSION = re.compile(r'^  version:? "?([^"\n\s]+)"?$', re.MULTILINE)
_YARN_RESOLVED = re.compile(r'^  (?:resolved|resolution):? "?([^"\n\s]+)"?$', re.MULTILINE)
_PNPM = re.compile(r"^  ['\"]?/?((?:@[\w.~-]+/)?[\w.~-]+)[@/](\d[\w.+-]*)(?:\([^\n]*\)|_[^\n:]*)?['\"]?:")
_BUN = re.compile(r'^\s*"[^"\n]+": \["((?:@[^@/"\n]+/)?[^@"\n]+)@(\d[^"\n]*)",', re.MULTILINE)
SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
MAX_DEPTH = 64


def read_package_json(text: str) -> Listing:
    """The requirements of a package.json."""
    listing = Listing()
    data = decoded(text)
    lines = Lines(text)
    for section in SECTIONS[:3]:
        for name, wanted in _table(data, section).items():
            if isinstance(wanted, str) and not wanted.startswith(("file:", "link:", "workspace:", "portal:")):
                listing.dependencies.append(_wanted(name, wanted, lines))
    return listing


def _wanted(name: str, wanted: str, lines: Lines) -> Dependency:
    line = lines.of(f'"{name}"')
    if wanted.startswith("npm:"):
        name, _, wanted = wanted[4:].rpartition("@")
    address = wanted if _ADDRESS.match(wanted) else ""
    version = wanted.lstrip("=v") if _VERSION.fullmatch(wanted.lstrip("=")) else ""
    return Dependency(
        ecosystem="npm",
        name=name,
        version=version,
        constraint=wanted,
        url=address,
        line=line,
        direct=True,
    )


def read_installed(text: str) -> Dependency | None:
    """The package that a package.json below node_modules describes."""
    data = decoded(text)
    name, version = _table(data).get("name"), _table(data).get("version")
    if not isinstance(name, str) or not isinstance(version, str) or not name or not version:
        return None
    licence = _table(data).get("license")
    return Dependency(
        ecosystem="npm",
        name=name,
        version=version.strip().lstrip("v="),
        licence=licence[:100] if isinstance(licence, str) else "",
        line=1,
        installed=True,
    )


def read_package_lock(text: str) -> Listing:
    """package-lock.json or npm-shrinkwrap.json, lockfileVersion 1 to 3."""
    listing = Listing(locked=True)
    data = decoded(text)
    lines = _key_lines(text)
    packages = _table(data, "packages")
    entries = _from_packages(packages) if packages else _from_tree(_table(data, "dependencies"), 0)
    for key, name, entry in entries:
        version = entry.get("version")
        if not isinstance(version, str) or entry.get("link") is True:
            continue
        resolved = str(entry.get("resolved") or "")
        listing.dependencies.append(
            Dependency(
                ecosystem="npm",
                name=name,
                version=version if _VERSION.fullmatch(version) else "",
                line=lines.get(key, 1),
                url=resolved if resolved.startswith(("git", "http://")) else version if ":" in version else "",
                digests=integrity(entry.get("integrity")),
            )
        )
    return listing


def _from_packages(packages: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for key, entry in packages.items():
        if "node_modules/" in key and isinstance(entry, dict):
            own = entry.get("name")
            yield key, own if isinstance(own, str) else key.rpartition("node_modules/")[2], entry


def _from_tree(tree: dict[str, Any], depth: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, entry in tree.items():
        if isinstance(entry, dict):
            yield name, name, entry
            if depth < MAX_DEPTH:
                yield from _from_tree(_table(entry, "dependencies"), depth + 1)


def _key_lines(text: str) -> dict[str, int]:
    """The line of each object's key, in one pass."""
    lines: dict[str, int] = {}
    line, at = 1, 0
    for match in _KEY_LINE.finditer(text):
        line += text.count("\n", at, match.start(1))
        at = match.start(1)
        lines.setdefault(match.group(1), line)
    return lines


def integrity(value: Any) -> tuple[str, ...]:
    """Subresource integrity (`sha512-…`) as `sha512:hex`."""
    found = []
    for part in value.split() if isinstance(value, str) else ():
        algorithm, _, encoded = part.partition("-")
        try:
            found.append(f"{algorithm}:{base64.b64decode(encoded, validate=True).hex()}")
        except (binascii.Error, ValueError):
            continue
    return tuple(found)


def read_yarn_lock(text: str) -> Listing:
    """yarn.lock of Yarn 1 and of later ones."""
    listing = Listing(locked=True)
    line, at = 1, 0
    heads = list(_YARN_HEAD.finditer(text))
    for number, head in enumerate(heads):
        body = text[head.end() : heads[number + 1].start() if number + 1 < len(heads) else len(text)]
        line += text.count("\n", at, head.start())
        at = head.start()
        version = _YARN_VERSION.search(body)
        resolved = _YARN_RESOLVED.search(body)
        if version and _VERSION.fullmatch(version.group(1)) and "@workspace:" not in head.group(0):
            address = resolved.group(1) if resolved else ""
            alias = re.match(r"((?:@[^@/]+/)?[^@]+)@npm:", address)
            listing.dependencies.append(
                Dependency(
                    ecosystem="npm",
                    name=alias.group(1) if alias else head.group(1),
                    version=version.group(1),
                    line=line,
                    url=address if _UNINDEXED.match(address) else "",
                )
            )
    return listing


def read_pnpm_lock(text: str) -> Listing:
    """pnpm-lock.yaml, versions 5 to 9: the keys below `packages:`."""
    listing = Listing(locked=True)
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line and not line[0].isspace():
            inside = line.rstrip() == "packages:"
        elif inside and (match := _PNPM.match(line)):
            listing.dependencies.append(
                Dependency(ecosystem="npm", name=match.group(1), version=match.group(2), line=number)
            )
    return listing


def read_bun_lock(text: str) -> Listing:
    """bun.lock, the textual one."""
    lines = Lines(text)
    found = [
        Dependency(ecosystem="npm", name=match.group(1), version=match.group(2), line=lines.at(match.start()))
        for match in _BUN.finditer(text)
    ]
    return Listing(locked=True, dependencies=found)


def decoded(text: str) -> Any:
    """The JSON value; None for anything else."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _table(data: Any, name: str = "") -> dict[str, Any]:
    data = data.get(name) if name and isinstance(data, dict) else data
    return data if isinstance(data, dict) else {}
