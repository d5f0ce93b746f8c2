"""Configurations of AI clients: which MCP servers they run or call, and what is wrong with how they do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.document import Document
from bartizan.model.finding import Evidence
from bartizan.model.identity import digest
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.client import Client
from bartizan.rules.configs import ClientConfigs
from bartizan.rules.entry import ServerEntry
from bartizan.rules.launch import Launch
from bartizan.rules.library import Library
from bartizan.rules.lookalike import Lookalikes
from bartizan.rules.mcp import config_facts
from bartizan.rules.secretvalue import Literal
from bartizan.sensors.mcp.addresses import plain_http_flaws, redirect_flaws
from bartizan.sensors.mcp.approvals import approval_flaws, hook_flaws, setting_flaws
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.launching import launch_flaws, root_flaws
from bartizan.sensors.mcp.literals import literals
from bartizan.sensors.mcp.permissions import permission_flaws
from bartizan.sensors.mcp.roster import Roster
from bartizan.sensors.mcp.serverasset import package_asset, server_asset
from bartizan.sensors.mcp.supply import server_roots, supply_flaws


class Clients:
    """Recognises a configuration by where it lies or by what it holds."""

    kind: ClassVar[type[Any]] = Document

    def __init__(self, library: Library, settings: Settings) -> None:
        self.rules = library.rules("mcp")
        self.facts = config_facts(library)
        self.lookalikes = Lookalikes(self.facts.servers, self.facts.names)
        self.key = settings.fingerprint_key
        self.configs = ClientConfigs(library)
        self.roster = Roster(settings.approved_servers)

    def wants(self, subject: Blob) -> bool:
        return self.configs.may_be(subject)

    def sure(self, subject: Blob) -> bool:
        """Whether a client would read the file because of where it lies."""
        return self.configs.has_place(subject)

    def observe(self, subject: Document) -> Iterator[Observation]:
        client, file, found = self.configs.read(subject)
        if client is None or file is None:
            return
        if client.is_package:
            for entry in found:
                yield from self._entry(subject, entry, None)
            return
        agent = Asset(
            AssetKind.AGENT,
            client.title,
            subject.blob.location,
            {"product": client.id, "category": client.category, "level": file.level.value, "servers": len(found)},
        )
        yield agent
        secrets = 0
        for entry in found:
            for seen in self._entry(subject, entry, agent):
                secrets += isinstance(seen, Asset) and seen.kind is AssetKind.CREDENTIAL
                yield seen
        flaws = [
            *setting_flaws(subject, self.facts.approvals),
            *redirect_flaws(subject, file.level, self.facts.endpoints),
            *hook_flaws(subject, file.level, self.facts.hooks),
            *permission_flaws(subject.blob, file.level, secrets > 0, any(entry.argv for entry in found)),
        ]
        yield from self._findings(subject, agent.id, "", flaws)

    def _entry(self, document: Document, entry: ServerEntry, agent: Asset | None) -> Iterator[Observation]:
        launch = self.facts.launchers.read(entry.argv)
        secrets = list(literals(entry, self.facts.secrets))
        server = server_asset(document, entry, launch, [literal.value for _, _, literal in secrets])
        yield server
        if agent is not None:
            yield Relation(RelationKind.USES, agent.id, server.id)
        for package in launch.packages:
            asset = package_asset(package, document.at(*package.word.way))
            if asset is not None:
                yield asset
                yield Relation(RelationKind.LOADS, server.id, asset.id)
        flaws = list(self._flaws(entry, launch))
        for way, place, literal in secrets:
            yield from self._credential(document, entry, server, way, literal)
            flaws.append(_secret_flaw(way, place, literal, entry.client, self.key))
        yield from self._findings(document, server.id, entry.name, flaws)

    def _flaws(self, entry: ServerEntry, launch: Launch) -> Iterator[Flaw]:
        yield from self.roster.entry_flaws(entry, launch)
        yield from launch_flaws(entry, launch, self.facts.launching)
        yield from supply_flaws(launch, self.lookalikes)
        yield from plain_http_flaws(entry)
        yield from approval_flaws(entry, self.facts.approvals)
        if server_roots(entry, launch, self.facts):
            yield from root_flaws(launch, self.facts.launching)

    def _credential(
        self, document: Document, entry: ServerEntry, server: Asset, way: tuple[str | int, ...], literal: Literal
    ) -> Iterator[Observation]:
        credential = Asset(
            AssetKind.CREDENTIAL,
            literal.label,
            document.at(*way),
            {"used_by": [entry.name]},
            key=digest("credential", literal.value),
        )
        yield credential
        yield Relation(RelationKind.AUTHENTICATES, credential.id, server.id)

    def _findings(self, document: Document, asset: str, record: str, flaws: Iterable[Flaw]) -> Iterator[Observation]:
        for flaw in flaws:
            place = document.at(*flaw.way)
            if record:
                place = _with_record(place, record)
            yield self.rules[f"mcp/{flaw.rule}"].finding(
                asset,
                place,
                Evidence("text", flaw.summary, flaw.detail, place),
                severity=flaw.severity,
                confidence=flaw.confidence,
                remediation=flaw.remediation,
                proof=flaw.proof or flaw.summary,
            )


def _secret_flaw(way: tuple[str | int, ...], place: str, literal: Literal, client: Client, key: bytes) -> Flaw:
    advice = f" The client reads it from there as {client.reference}." if client.reference else ""
    return Flaw(
        "secret-in-config",
        way,
        f"{literal.label} in clear in the {place}: {literal.shown(key)}",
        severity=Severity.HIGH,
        remediation=f"Revoke it, and keep the new one in the environment or the system's key store.{advice}",
        proof=digest(literal.value),
    )


def _with_record(place: Location, record: str) -> Location:
    """The same place, with the server's name."""
    return replace(place, record=record)
