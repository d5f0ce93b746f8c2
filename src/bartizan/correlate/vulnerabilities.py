"""Matches the inventory against the intelligence snapshot: yesterday's assets, today's advisories, no new scan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from bartizan.correlate.correlator import Known
from bartizan.intel.advisory import Advisory
from bartizan.intel.knowledge import Knowledge, Match
from bartizan.intel.shelf import user_shelf
from bartizan.intel.verdict import Answer
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence, Finding
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.rule import Rule
from bartizan.model.severity import Confidence
from bartizan.rules.library import Library
from bartizan.rules.vulnerability import Vulnerabilities

MAX_PLACES = 20
"""Places of one package release at which each of its advisories is said."""


def match_vulnerabilities(inventory: Inventory, known: Known, library: Library) -> Iterator[Observation]:
    """Findings `vuln/<advisory>` for what is affected, one folded line for what is undecided."""
    assets = [asset for asset in inventory.assets.values() if asset.kind in _MATCHED or "purl" in asset.properties]
    if not assets:
        return
    snapshot, complaints = user_shelf().current()
    for complaint in complaints:
        yield Coverage(Outcome.FAILED, "intelligence snapshot", complaint)
    sheet = library.sheets(Vulnerabilities)[0]
    folded = library.rules("vuln")["vuln/undecided"]
    yield from findings(assets, Knowledge(snapshot), sheet.advisory, folded)


def findings(assets: list[Asset], knowledge: Knowledge, pattern: Rule, folded: Rule) -> Iterator[Finding]:
    """What the knowledge says of the assets, in the order of their ids."""
    for asset in sorted(assets, key=lambda asset: asset.id):
        undecided: list[Match] = []
        for match in _matches(asset, knowledge):
            if match.verdict.answer is Answer.AFFECTED:
                for place in _places(asset):
                    yield _affected(asset, place, match, pattern)
            elif match.verdict.answer is Answer.UNDECIDED:
                undecided.append(match)
        if undecided:
            yield _undecided(asset, undecided, folded)


_MATCHED = (AssetKind.AI_SERVICE, AssetKind.PACKAGE)


def _matches(asset: Asset, knowledge: Knowledge) -> Iterator[Match]:
    if purl := asset.properties.get("purl"):
        ecosystem, name, version = read_purl(str(purl))
        if not version:
            return
        yield from knowledge.package(ecosystem, name, version)
        return
    product = str(asset.properties.get("product", ""))
    version = str(asset.properties.get("version") or "")
    owner = str(asset.properties.get("version_of") or "")
    access = asset.properties.get("access")
    is_open = None if access in (None, "unknown") else access == "open"
    own = version if owner == product else ""
    foreign = f"the version shown is that of {owner}" if version and owner not in ("", product) else ""
    yield from knowledge.product(product, own, is_open, foreign)
    if foreign:
        yield from knowledge.product(owner, version, is_open)


def read_purl(purl: str) -> tuple[str, str, str]:
    """Type, name (namespace included) and version of a package URL; empty where it has none."""
    body = purl.removeprefix("pkg:").partition("?")[0].partition("#")[0]
    kind, _, rest = body.partition("/")
    at = rest.rfind("@")
    name, version = (rest[:at], rest[at + 1 :]) if at > 0 else (rest, "")
    return kind, unquote(name), unquote(version)


def _places(asset: Asset) -> list[Location]:
    """One place for each file that names the release."""
    places: dict[tuple[str, ...], Location] = {}
    for place in asset.places():
        places.setdefault(place.place(), place)
    return list(places.values())[:MAX_PLACES]


def _affected(asset: Asset, place: Location, match: Match, rule: Rule) -> Finding:
    advisory, fixed = match.advisory, match.verdict.fixed
    label = _label(asset)
    what = f": {advisory.summary}" if advisory.summary else ""
    finding = rule.finding(
        asset.id,
        place,
        Evidence("text", f"{label} is in the affected range of {advisory.id}{what}", _facts(advisory)),
        title=f"{advisory.id} in {label}",
        severity=advisory.severity,
        confidence=Confidence.CERTAIN if asset.kind is AssetKind.PACKAGE else Confidence.FIRM,
        remediation=f"Update {asset.name} to {fixed} or later." if fixed else "",
        proof=f"{asset.id} {advisory.id}",
    )
    return replace(
        finding,
        rule=f"vuln/{advisory.id}",
        frameworks=(*rule.frameworks, *advisory.cwe),
        references=(advisory.id, *advisory.aliases),
    )


def _facts(advisory: Advisory) -> str:
    score = f" (CVSS {advisory.score:.1f} {advisory.cvss})" if advisory.score >= 0 else ""
    lines = [
        f"severity: {advisory.severity}{score}",
        f"known to be exploited since {advisory.kev}" if advisory.kev else "",
        f"probability of exploitation within 30 days: {advisory.epss:.1%} ({advisory.epss_date})"
        if advisory.epss >= 0
        else "",
        f"published: {advisory.published}" if advisory.published else "",
        "disputed by its project" if advisory.disputed else "",
        f"source: {advisory.source}" if advisory.source else "",
    ]
    return "\n".join(line for line in lines if line)


def _undecided(asset: Asset, matches: list[Match], rule: Rule) -> Finding:
    reasons: dict[str, list[str]] = {}
    for match in matches:
        reasons.setdefault(match.verdict.reason, []).append(match.advisory.id)
    detail = "\n".join(f"{reason}: {', '.join(ids)}" for reason, ids in sorted(reasons.items()))
    first = max(sorted(reasons), key=lambda reason: len(reasons[reason]))
    count = f"{len(matches)} advisories" if len(matches) > 1 else "1 advisory"
    return rule.finding(
        asset.id,
        asset.location,
        Evidence("text", f"{count} for {_label(asset)} undecided: {first}", detail),
        proof=asset.id,
    )


def _label(asset: Asset) -> str:
    name = str(asset.properties.get("product") or asset.name)
    version = asset.properties.get("version")
    return f"{name} {version}" if version else name
