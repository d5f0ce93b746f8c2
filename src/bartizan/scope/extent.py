"""A set of hosts as written down: names, wildcards, addresses and networks, with or without a port."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from bartizan.scope.target import TargetKind, parse_target

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Extent:
    """Parsed entries. A port of None stands for every port."""

    names: frozenset[tuple[str, int | None]]
    domains: tuple[tuple[str, int | None], ...]
    networks: tuple[tuple[Network, int | None], ...]

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Extent:
        """Raises UsageError for an entry that is none of these."""
        names: set[tuple[str, int | None]] = set()
        domains: list[tuple[str, int | None]] = []
        networks: list[tuple[Network, int | None]] = []
        for entry in entries:
            text = entry.strip()
            if text.startswith("*."):
                below = parse_target(f"host.{text[2:]}")
                domains.append((below.host.removeprefix("host"), below.port))
                continue
            target = parse_target(text) if not text.startswith(("/", ".")) else None
            if target is None or target.kind is TargetKind.PATH:
                continue
            try:
                networks.append((ipaddress.ip_network(target.host), target.port))
            except ValueError:
                names.add((target.host, target.port))
        return cls(frozenset(names), tuple(domains), tuple(networks))

    def covers(self, host: str, port: int | None) -> bool:
        """Whether a host name, an address, or the whole of a CIDR lies inside, on that port.

        A port of None asks for the host as such: an entry with a port covers it too.
        """
        network = _network(host)
        if network is not None:
            return any(
                _fits(port, allowed) and network.version == known.version and network.subnet_of(known)  # type: ignore[arg-type]
                for known, allowed in self.networks
            )
        if any((host, allowed) in self.names for allowed in ({port, None} if port else {None})):
            return True
        if port is None and any(name == host for name, _ in self.names):
            return True
        return any(host.endswith(domain) and _fits(port, allowed) for domain, allowed in self.domains)


def _fits(port: int | None, allowed: int | None) -> bool:
    return allowed is None or port is None or port == allowed


def _network(host: str) -> Network | None:
    """The host as a network, IPv4-mapped addresses as the IPv4 address they reach."""
    try:
        network = ipaddress.ip_network(host.partition("%")[0], strict=False)
    except ValueError:
        return None
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen == 128 and network[0].ipv4_mapped:
        return ipaddress.ip_network(network[0].ipv4_mapped)
    return network
