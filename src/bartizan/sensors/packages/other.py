"""Lists of Go, Rust, .NET and Java packages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bartizan.sensors.packages.dependency import Dependency, normal_name
from bartizan.sensors.packages.listing import Lines, Listing, toml_blocks, toml_value
from bartizan.sensors.packages.node import decoded

_GO_REQUIRE = re.compile(r"^(?:require\s+|\s+)([\w.~/-]+\.[\w.~/-]+)\s+(v\d[\w.+-]*)")
_GO_SUM = re.compile(r"^([\w.~/-]+) (v\d[\w.+-]*) h1:")
_GRADLE = re.compile(r"^([\w.-]+):([\w.-]+):([\w.+-]+)=", re.MULTILINE)
MAX_ELEMENT = 4_000
_PROPERTY = re.compile(r"<([\w.-]{1,100})>([^<\n]{1,200})</\1>")
_REFERENCE = re.compile(r'<PackageReference\s[^>]*?Include="([\w.-]+)"(?:[^>]*?Version="([^"]{1,60})")?', re.IGNORECASE)


def read_go_mod(text: str) -> Listing:
    """The requirements of a go.mod: Go takes exactly the versions that stand there, or greater ones of the graph."""
    listing = Listing(locked=True)
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if bare.startswith("require ("):
            inside = True
        elif bare == ")":
            inside = False
        elif (inside or bare.startswith("require ")) and (match := _GO_REQUIRE.match(line)):
            listing.dependencies.append(_go(match.group(1), match.group(2), number, "// indirect" not in line))
    return listing


def read_go_sum(text: str) -> Listing:
    """The modules of a go.sum whose content was used (those with only a /go.mod line were just looked at)."""
    found = [
        _go(match.group(1), match.group(2), number, direct=False)
        for number, line in enumerate(text.splitlines(), 1)
        if (match := _GO_SUM.match(line))
    ]
    return Listing(locked=True, dependencies=found)


def _go(name: str, version: str, line: int, direct: bool) -> Dependency:
    return Dependency(ecosystem="golang", name=normal_name("golang", name), version=version, line=line, direct=direct)


def read_cargo_lock(text: str) -> Listing:
    """Cargo.lock; the packages of the workspace itself have no source and are left out."""
    listing = Listing(locked=True)
    for line, body in toml_blocks(text):
        name, version, source = (toml_value(body, key) for key in ("name", "version", "source"))
        if name and version and source:
            digest = toml_value(body, "checksum")
            listing.dependencies.append(
                Dependency(
                    ecosystem="cargo",
                    name=name,
                    version=version,
                    line=line,
                    url=source if source.startswith("git+") else "",
                    digests=(f"sha256:{digest}",) if digest else (),
                )
            )
    return listing


def read_nuget_lock(text: str) -> Listing:
    """packages.lock.json of NuGet."""
    listing = Listing(locked=True)
    data = decoded(text)
    lines = Lines(text)
    frameworks = data.get("dependencies") if isinstance(data, dict) else None
    for packages in frameworks.values() if isinstance(frameworks, dict) else ():
        for name, entry in packages.items() if isinstance(packages, dict) else ():
            version = entry.get("resolved") if isinstance(entry, dict) else None
            if isinstance(version, str):
                listing.dependencies.append(
                    Dependency(
                        ecosystem="nuget",
                        name=normal_name("nuget", name),
                        version=version,
                        line=lines.of(f'"{name}"'),
                        direct=entry.get("type") == "Direct",
                    )
                )
    return listing


def read_project_file(text: str) -> Listing:
    """The package references of a .csproj, .fsproj, .vbproj or Directory.Packages.props."""
    lines = Lines(text)
    found = [
        Dependency(
            ecosystem="nuget",
            name=normal_name("nuget", match.group(1)),
            version=version if re.fullmatch(r"\d[\w.+-]*", version := match.group(2) or "") else "",
            constraint=match.group(2) or "",
            line=lines.at(match.start()),
            direct=True,
        )
        for match in _REFERENCE.finditer(text)
    ]
    return Listing(dependencies=found)


def read_pom(text: str) -> Listing:
    """The dependencies of a Maven pom.xml, with its own properties put in."""
    bare = without_comments(text)
    properties = dict(_PROPERTY.findall(bare))
    return Listing(dependencies=list(_maven(bare, properties)))


def without_comments(text: str) -> str:
    """XML without its comments, line breaks kept; in one pass, whatever is left open."""
    parts: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        end = len(text) if end < 0 else end + 3
        parts += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end
    return "".join([*parts, text[at:]])


def _maven(text: str, properties: dict[str, str]) -> Iterator[Dependency]:
    lines = Lines(text)
    end = 0
    while (start := text.find("<dependency>", end)) >= 0:
        end = start + len("<dependency>")
        close = text.find("</dependency>", end, end + MAX_ELEMENT)
        fields = dict(_PROPERTY.findall(text[end:close])) if close >= 0 else {}
        group, artifact = fields.get("groupId", "").strip(), fields.get("artifactId", "").strip()
        written = fields.get("version", "").strip()
        version = re.sub(r"\$\{([\w.-]+)\}", lambda found: properties.get(found.group(1), found.group(0)), written)
        if group and artifact and "$" not in group + artifact:
            yield Dependency(
                ecosystem="maven",
                name=f"{group}/{artifact}",
                version=version if re.fullmatch(r"\d[\w.+-]*", version) else "",
                constraint=written,
                line=lines.at(start),
                direct=True,
            )


def read_gradle_lock(text: str) -> Listing:
    """gradle.lockfile and buildscript-gradle.lockfile."""
    lines = Lines(text)
    found = [
        Dependency(
            ecosystem="maven",
            name=f"{match.group(1)}/{match.group(2)}",
            version=match.group(3),
            line=lines.at(match.start()),
        )
        for match in _GRADLE.finditer(text)
    ]
    return Listing(locked=True, dependencies=found)
