"""What the servers of one client can do together, and where they get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from bartizan.correlate.correlator import Known
from bartizan.correlate.households import Household, Part, households
from bartizan.model.asset import Asset
from bartizan.model.finding import Evidence
from bartizan.model.inventory import Inventory
from bartizan.model.observation import Observation
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.flow import Combination
from bartizan.rules.library import Library
from bartizan.rules.mcp import flow_facts

WORST = tuple(Severity)


def find_flows(inventory: Inventory, known: Known, library: Library) -> Iterator[Observation]:
    """For each client the combinations that its servers make, each by its shortest way."""
    rule = library.rules("mcp")["mcp/toxic-flow"]
    facts = flow_facts(library)
    approved = {
        finding.asset
        for finding in inventory.findings.values()
        if finding.rule == "mcp/auto-approve" and finding.severity.at_least(Severity.HIGH)
    }
    for household in households(inventory, library):
        made: set[str] = set()
        for combination in facts.combinations:
            way = shortest_way(combination, household.parts)
            if not way or made.intersection(combination.unless):
                continue
            made.add(combination.id)
            servers = {part.server.id for part in way}
            severity = combination.severity if len(servers) > 1 else combination.alone
            if household.is_guessed and severity.at_least(Severity.LOW):
                severity = Severity.LOW  # lying in one folder is a hint, and no reason to act
            if approved & {household.client.id, *servers}:
                severity = WORST[min(severity.rank + 1, len(WORST) - 1)]
            shown = " -> ".join(f"{part.server.name}/{part.name}" if part.name else part.server.name for part in way)
            cut = cheapest_cut(combination, household.parts, way)
            yield rule.finding(
                household.client.id,
                household.place,
                Evidence("path", f"{combination.says}: {shown}", _detail(combination, household.parts)),
                title=f"{rule.title}: {combination.says}",
                severity=severity,
                confidence=Confidence.TENTATIVE if household.is_guessed else None,
                remediation=f"The cheapest cut: take {cut} out of this client, or have its every use confirmed.",
                proof=combination.id,
            )


def shortest_way(combination: Combination, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The fewest parts that have all abilities, each in the order of the needs; over several servers where there is
    such a way, since that is what nobody who looks at one server sees.
    """
    choices = [_candidates(need, parts) for need in combination.needs]
    ways = [tuple(dict.fromkeys(chosen)) for chosen in product(*choices)]
    several = [way for way in ways if len({part.server.id for part in way}) > 1]
    return min(several or ways, key=lambda way: (len(way), [(part.server.name, part.name) for part in way]), default=())


def _candidates(need: str, parts: tuple[Part, ...]) -> list[Part]:
    """One part of each server and set of abilities: the others make the same ways. Twenty are enough."""
    unique: dict[tuple[str, frozenset[str]], Part] = {}
    for part in sorted(parts, key=lambda part: (part.server.name, part.name)):
        if need in part.abilities:
            unique.setdefault((part.server.id, part.abilities), part)
    return list(unique.values())[:20]


def cheapest_cut(combination: Combination, parts: tuple[Part, ...], way: tuple[Part, ...]) -> str:
    """The ability that the fewest parts bring: without those the combination cannot be made."""
    need = min(combination.needs, key=lambda need: sum(need in part.abilities for part in parts))
    bearers = [part for part in parts if need in part.abilities] or list(way)
    names = [f"{part.server.name}/{part.name}" if part.name else part.server.name for part in bearers]
    return " and ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _detail(combination: Combination, parts: tuple[Part, ...]) -> str:
    lines = []
    for need in combination.needs:
        bearers = [
            f"{part.server.name}/{part.name}" if part.name else part.server.name
            for part in parts
            if need in part.abilities
        ]
        lines.append(f"{need}: {', '.join(bearers[:8])}")
    return "\n".join(lines)


def find_collisions(inventory: Inventory, known: Known, library: Library) -> Iterator[Observation]:
    """Tools of one name in two servers of one client, and texts that reach for another server's tools."""
    rules = library.rules("mcp")
    shadowing = {finding.asset for finding in inventory.findings.values() if finding.rule == "mcp/tool-shadowing"}
    for household in households(inventory, library):
        owners: dict[str, list[Asset]] = {}
        for server in household.servers:
            for name in _tool_names(server):
                owners.setdefault(_plain_name(name), []).append(server)
        for name, servers in sorted(owners.items()):
            if len({server.id for server in servers}) > 1:
                names = sorted({server.name for server in servers})
                yield rules["mcp/tool-name-collision"].finding(
                    household.client.id,
                    replace(household.place, record=name),
                    Evidence("text", f"{name} is offered by {', '.join(names)}"),
                    proof=name,
                )
        yield from _reaching(household, owners, shadowing, rules["mcp/tool-shadowing"].finding)


def _reaching(
    household: Household, owners: Mapping[str, list[Asset]], known: set[str], finding: object
) -> Iterator[Observation]:
    """A text that speaks of another server's tool together with a word that bends its use."""
    for server in household.servers:
        own = {_plain_name(name) for name in _tool_names(server)}
        others = {
            name: found[0] for name, found in owners.items() if name not in own and len(name) >= 6 and "_" in name
        }
        if not others or server.id in known:
            continue
        for item, text in sorted(_offer(server).items()):
            lowered = text.casefold().replace("-", "_")
            for name, other in sorted(others.items()):
                at = lowered.find(name)
                around = lowered[max(0, at - 90) : at + len(name) + 90] if at >= 0 else ""
                if any(
                    word in around
                    for word in ("when ", "whenever", "before", "instead of", "replace", "stop using", "after ")
                ):
                    if callable(finding):
                        yield finding(
                            server.id,
                            server.location,
                            Evidence("text", f"{item} speaks of {name}, a tool of {other.name}", text[:300]),
                            severity=Severity.MEDIUM,
                            proof=f"{item}|{name}",
                        )
                    break


def _offer(server: Asset) -> Mapping[str, str]:
    offer = server.properties.get("offer")
    return {str(key): str(value) for key, value in offer.items()} if isinstance(offer, dict) else {}


def _tool_names(server: Asset) -> list[str]:
    return [key.removeprefix("tool/") for key in _offer(server) if key.startswith("tool/")]


def _plain_name(name: str) -> str:
    return name.casefold().replace("-", "_")
