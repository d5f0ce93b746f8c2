"""What an organisation has: the nodes of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bartizan.model.identity import canonical, digest
from bartizan.model.location import Location


class AssetKind(StrEnum):
    """The fixed words for what can be owned, run or leaked."""

    AI_SERVICE = "ai-service"
    MODEL_FILE = "model-file"
    MCP_SERVER = "mcp-server"
    MCP_TOOL = "mcp-tool"
    AGENT_SKILL = "agent-skill"
    AGENT = "agent"
    CREDENTIAL = "credential"
    PACKAGE = "package"
    DATASET = "dataset"
    HOST = "host"
    REPOSITORY = "repository"
    ARTIFACT = "artifact"
    IDENTITY = "identity"
    WORKLOAD = "workload"
    DATASTORE = "datastore"


@dataclass(frozen=True, slots=True)
class Asset:
    """One thing of the inventory.

    `key` is what makes it itself when that is not its name and place: the digest of a credential's value, a
    package URL. `properties` holds JSON values; `elsewhere` the further places of the same thing.
    """

    kind: AssetKind
    name: str
    location: Location = field(default_factory=Location)
    properties: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    elsewhere: tuple[Location, ...] = ()

    @property
    def id(self) -> str:
        """Made of kind and key; without a key, of kind, name and place."""
        if self.key:
            return digest("asset", self.kind, self.key)
        return digest("asset", self.kind, self.name, *self.location.place())

    def merged(self, other: Asset) -> Asset:
        """Both views of the same asset as one; the order of the two does not matter."""
        places = {place.sort_key(): place for place in (*self.places(), *other.places())}
        first, *rest = (places[key] for key in sorted(places))
        return replace(
            self,
            name=min(self.name, other.name),
            location=first,
            elsewhere=tuple(rest),
            properties=_union(self.properties, other.properties),
        )

    def places(self) -> tuple[Location, ...]:
        """All places, the first one first."""
        return (self.location, *self.elsewhere)


def _union(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """Lists are united; `unknown` and absence yield to knowledge; other conflicts go to the greater JSON text."""
    union: dict[str, Any] = {}
    for name in sorted({*left, *right}):
        one, two = left.get(name), right.get(name)
        if isinstance(one, list | tuple) and isinstance(two, list | tuple) and one != two:
            members = {canonical(item): item for item in (*one, *two)}
            union[name] = [members[text] for text in sorted(members)]
        else:
            union[name] = max(one, two, key=_knowledge)
    return union


def _knowledge(value: Any) -> tuple[bool, bool, bool, str]:
    return (value is not None, value != "unknown", isinstance(value, list | tuple), canonical(value))
