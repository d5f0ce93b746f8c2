"""Lists of Python packages: requirements files, pyproject, the lock files of five tools, Pipfile, conda."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from bartizan.sensors.packages.dependency import Dependency, normal_name
from bartizan.sensors.packages.listing import Index, Lines, Listing, toml_blocks, toml_value

_OPTION = re.compile(r"(--index-url|-i|--extra-index-url|--find-links|-f|--trusted-host|--no-index)(?:[ =]\s*(\S+))?")
_COMMENT = re.compile(r"(?:^|\s)#")
MAX_LINE = 20_000
_HASH = re.compile(r"--hash[= ](\w+:[0-9a-fA-F]{32,128})")
_LOOSE = re.compile(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*((?:[<>=!~^]=?=?)[^;#]*)?")
_EGG = re.compile(r"[#&]egg=([\w.-]+)")
_ADDRESS = re.compile(r"(?:git|hg|svn|bzr)\+|https?://|ftp://")
_LOCK_HASH = re.compile(r'hash = "(\w+:[0-9a-f]+)"')


def read_requirements(text: str) -> Listing:
    """A requirements or constraints file of pip."""
    listing = Listing()
    for number, line in _logical_lines(text):
        if line.startswith("-"):
            if match := _OPTION.match(line):
                listing.indexes += _index(match.group(1), match.group(2) or "", number)
            editable = re.match(r"(?:-e|--editable)[ =]\s*(.+)", line)
            found = requirement(editable.group(1), number) if editable else None
        else:
            found = requirement(line, number)
        if found is not None:
            listing.dependencies.append(found)
    return listing


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined at a backslash, comments off, with the number of the first."""
    start, held = 0, ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = _without_comment(raw[:MAX_LINE])
        start = start if held else number
        if line.endswith("\\") and len(held) < 100_000:
            held += line[:-1] + " "
            continue
        line, held = (held + line).strip(), ""
        if line:
            yield start, line
    if held.strip():
        yield start, held.strip()


def _without_comment(raw: str) -> str:
    """As pip reads it: a `#` at the start, or after white space, begins a comment."""
    match = _COMMENT.search(raw)
    return (raw[: match.start()] if match else raw).strip()


def _index(option: str, value: str, line: int) -> list[Index]:
    how = {"--extra-index-url": "extra", "--find-links": "links", "-f": "links", "--trusted-host": "trusted"}
    return [Index(how.get(option, "only"), value, line)] if value else []


def requirement(text: str, line: int, *, direct: bool = True) -> Dependency | None:
    """One requirement as pip reads it (PEP 508, or an address with `#egg=`); None for a path or nonsense."""
    digests = tuple(_HASH.findall(text))
    text = _HASH.sub("", text).strip()
    if _ADDRESS.match(text):
        name = _name_of_address(text)
        if not name:
            return None
        return Dependency(
            ecosystem="pypi", name=normal_name("pypi", name), url=text, line=line, digests=digests, direct=direct
        )
    if text.startswith((".", "/", "~")) or "\\" in text:
        return None
    try:
        parsed = Requirement(text)
        name, constraint, url = parsed.name, str(parsed.specifier), parsed.url or ""
    except InvalidRequirement:
        match = _LOOSE.match(text)
        if not match or " " in text[: match.end(1)]:
            return None
        name, constraint, url = match.group(1), (match.group(2) or "").strip(), ""
        if text[match.end() :].strip() and not text[match.end() :].lstrip().startswith((";", "#", "--")):
            return None
    return Dependency(
        ecosystem="pypi",
        name=normal_name("pypi", name),
        version=exact(constraint),
        constraint=constraint,
        url=url,
        line=line,
        digests=digests,
        direct=direct,
    )


def exact(constraint: str) -> str:
    """The version that `==1.2` or `===1.2` fixes; empty for anything wider."""
    match = re.fullmatch(r"={2,3}\s*([^\s,*]+)", constraint.strip())
    return match.group(1) if match else ""


def _name_of_address(address: str) -> str:
    if match := _EGG.search(address):
        return match.group(1)
    last = address.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
    if last.endswith(".whl"):
        try:
            return str(parse_wheel_filename(last)[0])
        except InvalidWheelFilename:
            return ""
    last = re.sub(r"@[\w./-]+$", "", last)
    return re.sub(r"(?:-\d[\w.]*)?(?:\.git|\.tar\.gz|\.zip|\.tgz)$", "", last)


def read_pyproject(text: str) -> Listing:
    """The dependencies and indexes that pyproject.toml names, for PEP 621, PEP 735, Poetry, PDM and uv."""
    listing = Listing()
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return listing
    lines = Lines(text)
    project = _table(data, "project")
    tool = _table(data, "tool")
    groups = [project.get("dependencies"), *_table(project, "optional-dependencies").values()]
    groups += _table(data, "dependency-groups").values()
    groups += [_table(data, "build-system").get("requires"), *_table(tool, "pdm", "dev-dependencies").values()]
    groups.append(_table(tool, "uv").get("dev-dependencies"))
    for written in (item for group in groups if isinstance(group, list) for item in group if isinstance(item, str)):
        found = requirement(written, lines.of(written))
        if found is not None:
            listing.dependencies.append(found)
    poetry = _table(tool, "poetry")
    tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    tables += [_table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)]
    listing.dependencies += [found for table in tables for found in _poetry(table, lines)]
    listing.indexes += _indexes(poetry.get("source"), lines)
    listing.indexes += _indexes(_table(tool, "pdm").get("source"), lines)
    uv = _table(tool, "uv")
    listing.indexes += _indexes(uv.get("index"), lines)
    listing.indexes += [
        Index("extra", url, lines.of(url)) for url in uv.get("extra-index-url") or () if isinstance(url, str)
    ]
    return listing


def _table(data: Any, *names: str) -> dict[str, Any]:
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _poetry(table: dict[str, Any], lines: Lines) -> Iterator[Dependency]:
    for name, wanted in table.items():
        if name.lower() == "python":
            continue
        given = wanted if isinstance(wanted, dict) else {"version": wanted}
        if isinstance(given.get("path"), str):
            continue
        constraint = str(given.get("version") or "")
        address = str(given.get("git") or given.get("url") or "")
        commit = given.get("rev") if given.get("git") else None
        yield Dependency(
            ecosystem="pypi",
            name=normal_name("pypi", name),
            version=exact(constraint) or (constraint if re.fullmatch(r"\d[\w.]*", constraint) else ""),
            constraint=constraint,
            url=f"git+{address}@{commit or ''}" if given.get("git") else address,
            line=lines.of(f"{name} ="),
            direct=True,
        )


def _indexes(sources: Any, lines: Lines) -> list[Index]:
    """Sources of Poetry, PDM or uv. Those that packages are bound to by name are not searched for others."""
    found: list[Index] = []
    for source in sources if isinstance(sources, list) else ():
        if isinstance(source, dict) and isinstance(source.get("url"), str):
            extra = source.get("priority") in {"secondary", "supplemental"} or source.get("secondary") is True
            bound = source.get("explicit") is True or source.get("priority") == "explicit"
            how = "bound" if bound else "extra" if extra else "only"
            found.append(Index(how, source["url"], lines.of(source["url"])))
            if source.get("verify_ssl") is False:
                found.append(Index("trusted", source["url"], lines.of(source["url"])))
    return found


def read_toml_lock(text: str) -> Listing:
    """poetry.lock, uv.lock, pdm.lock or pylock.toml."""
    listing = Listing(locked=True)
    for line, body in toml_blocks(text):
        name, version = toml_value(body, "name"), toml_value(body, "version")
        if not name or re.search(r"^source = \{ (?:virtual|editable|directory|path) =", body, re.MULTILINE):
            continue
        source = re.search(r'^source = \{ ?(?:git|url) = "([^"\n]{1,500})"', body, re.MULTILINE)
        listing.dependencies.append(
            Dependency(
                ecosystem="pypi",
                name=normal_name("pypi", name),
                version=version,
                line=line,
                url=source.group(1) if source else "",
                digests=tuple(_LOCK_HASH.findall(body)[:8]),
            )
        )
    return listing


def read_pipfile_lock(text: str) -> Listing:
    """Pipfile.lock."""
    listing = Listing(locked=True)
    data = _json(text)
    lines = Lines(text)
    for section in ("default", "develop"):
        for name, entry in _table(data, section).items():
            if isinstance(entry, dict):
                listing.dependencies.append(
                    Dependency(
                        ecosystem="pypi",
                        name=normal_name("pypi", name),
                        version=exact(str(entry.get("version") or "")),
                        line=lines.of(f'"{name}": {{'),
                        url=str(entry.get("git") or entry.get("file") or ""),
                        digests=tuple(item for item in _list(entry.get("hashes")) if isinstance(item, str))[:8],
                    )
                )
    for source in _list(_table(data, "_meta").get("sources")):
        if isinstance(source, dict) and isinstance(source.get("url"), str):
            listing.indexes.append(Index("only", source["url"], lines.of(source["url"])))
            if source.get("verify_ssl") is False:
                listing.indexes.append(Index("trusted", source["url"], lines.of(source["url"])))
    return listing


def read_pipfile(text: str) -> Listing:
    """Pipfile."""
    listing = Listing()
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return listing
    lines = Lines(text)
    for section in ("packages", "dev-packages"):
        listing.dependencies += _poetry(_table(data, section), lines)
    listing.indexes += _indexes(data.get("source"), lines)
    return listing


def read_pip_conf(text: str) -> Listing:
    """The indexes that a pip.conf or pip.ini sets for every installation; values may go on in indented lines."""
    listing = Listing()
    name = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw[:MAX_LINE].strip()
        if not line or line.startswith(("#", ";", "[")):
            continue
        if not raw[:1].isspace():
            name, _, line = line.partition("=")
        option = f"--{name.strip().lower().replace('_', '-')}"
        if _OPTION.fullmatch(option):
            listing.indexes += [index for value in line.split() for index in _index(option, value, number)]
    return listing


def read_conda(text: str) -> Listing:
    """The pip section of an environment.yml: lines below `- pip:`."""
    listing = Listing()
    depth = -1
    for number, line in enumerate(text.splitlines(), 1):
        indent = len(line) - len(line.lstrip())
        content = line.strip()
        if content in {"- pip:", "- 'pip':"}:
            depth = indent
        elif depth >= 0 and content.startswith("- ") and indent > depth:
            found = requirement(content[2:].partition(" #")[0].strip().strip("\"'"), number)
            listing.dependencies += [found] if found else []
        elif content and not content.startswith("#"):
            depth = -1
    return listing


def read_metadata(text: str) -> Dependency | None:
    """Name, version and licence from the head of a METADATA or PKG-INFO file."""
    head = text.partition("\n\n")[0]
    fields: dict[str, str] = {}
    for line in head.splitlines():
        name, colon, value = line.partition(": ")
        if colon and name in _FIELDS:
            if name == "Classifier":
                if value.startswith("License :: OSI Approved :: "):
                    fields.setdefault(name, value.rpartition(" :: ")[2])
            else:
                fields.setdefault(name, value.strip())
    if not fields.get("Name") or not fields.get("Version"):
        return None
    licence = fields.get("License-Expression") or fields.get("Classifier") or fields.get("License", "")
    return Dependency(
        ecosystem="pypi",
        name=normal_name("pypi", fields["Name"]),
        version=fields["Version"],
        licence=licence[:100] if licence != "UNKNOWN" else "",
        installed=True,
        line=1,
    )


_FIELDS = frozenset({"Name", "Version", "License-Expression", "License", "Classifier"})


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()
