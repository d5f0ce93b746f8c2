"""Where a server's code comes from: versions that float, names that deceive."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.model.severity import Confidence, Severity
from bartizan.rules.entry import ServerEntry
from bartizan.rules.launch import Launch, PackageReference
from bartizan.rules.lookalike import Lookalikes
from bartizan.rules.mcp import ConfigFacts
from bartizan.sensors.mcp.flaw import Flaw


def supply_flaws(launch: Launch, lookalikes: Lookalikes) -> Iterator[Flaw]:
    """What is wrong with the packages that a launch fetches."""
    for package in launch.packages:
        if package.ecosystem == "local":
            continue
        yield from _pinning(package)
        known = lookalikes.resembles(package.ecosystem, package.name)
        if known:
            yield Flaw(
                "typosquatted-package",
                package.word.way,
                f"{package.name} looks like {known} and is not it",
                confidence=Confidence.FIRM,
                remediation=f"Run the package that was meant ({known}) at an exact version; "
                f"treat the machine as compromised if {package.name} has already run.",
                proof=package.name,
            )


def _pinning(package: PackageReference) -> Iterator[Flaw]:
    if package.exact:
        return
    if package.ecosystem == "oci":
        named = f"tag {package.wanted}" if package.wanted else "no tag"
        tagged = bool(package.wanted) and package.wanted != "latest"
        yield Flaw(
            "unpinned-image",
            package.word.way,
            f"image {package.name} is named by {named}, not by digest",
            severity=Severity.LOW if tagged and any(c.isdigit() for c in package.wanted) else Severity.MEDIUM,
            remediation=f"Name the digest: {package.name}@sha256:<digest>",
            proof=package.name,
        )
        return
    from_outside = package.ecosystem in ("git", "url")
    yield Flaw(
        "unpinned-package",
        package.word.way,
        f"{package.name} is fetched {_freedom(package)} at each start",
        severity=Severity.HIGH if from_outside else None,
        remediation=_pinned_line(package),
        proof=package.name,
    )


def _freedom(package: PackageReference) -> str:
    if package.ecosystem in ("git", "url"):
        return "from a source that can change"
    return f"in whatever version {package.wanted!r} means" if package.wanted else "in its newest version"


def _pinned_line(package: PackageReference) -> str:
    if package.ecosystem == "git":
        return f"Name the full commit: {package.name.partition('@')[0]}@<40 hexadecimal digits>"
    if package.ecosystem == "url":
        return "Install a release of a registry at an exact version, or add #sha256=<digest> to the address"
    sign = "==" if package.ecosystem == "pypi" else "@"
    return f"Name one reviewed version: {package.name}{sign}<version>"


def purl(package: PackageReference) -> str:
    """The package URL, with the version when there is only one."""
    kind = {"oci": "docker", "go": "golang"}.get(package.ecosystem, package.ecosystem)
    name = package.name.replace("@", "%40", 1) if package.name.startswith("@") else package.name
    if package.ecosystem == "pypi":
        name = name.lower().replace("_", "-")
    return f"pkg:{kind}/{name}" + (f"@{package.version}" if package.version else "")


def server_roots(entry: ServerEntry, launch: Launch, facts: ConfigFacts) -> bool:
    """Whether the server is known to open the folders that it gets as arguments."""
    names = {package.name.lower() for package in launch.packages} | {launch.program}
    names |= {word.text.replace("\\", "/").lower() for word in entry.argv if "server-filesystem" in word.text}
    for server in facts.servers:
        if server.roots and names & {*server.npm, *server.pypi, *server.images}:
            return True
    return any("/server-filesystem" in name for name in names)
