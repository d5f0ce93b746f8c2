"""The only answer to "may this be touched?"."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bartizan.model.errors import ScopeError
from bartizan.scope.authorisation import Authorisation
from bartizan.scope.target import Target

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str], list[str]]

_MOST_ADDRESSES = 8
"""Addresses of one name that are tried."""
_LOOPBACK_V4 = ipaddress.ip_network("127.0.0.0/8")


def resolve(name: str) -> list[str]:
    """Addresses of a name from the system's resolver, in its order. Raises OSError."""
    answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def plain(address: str) -> Address:
    """The address without zone, IPv4-mapped, 6to4 and NAT64 forms unwrapped to the IPv4 address they reach."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and parsed in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is None and int(parsed) >> 32 == 0 and int(parsed) > 1:
            inner = ipaddress.IPv4Address(int(parsed))
        return inner or parsed
    return parsed


def is_loopback(address: Address) -> bool:
    """127.0.0.0/8 and ::1."""
    return address in _LOOPBACK_V4 if address.version == 4 else address.is_loopback


@dataclass(frozen=True, slots=True)
class Guard:
    """Answers from the authorisation, or, without one, allows loopback alone.

    Every connection asks `pin` with the name it means and uses only the address it gets: nothing is resolved
    twice, so a name cannot change its mind between question and connection.
    """

    authorisation: Authorisation | None = None
    resolver: Resolver = resolve
    now: Callable[[], float] = time.time

    def check_time(self) -> None:
        """Raise ScopeError when the authorisation has ended."""
        if self.authorisation is None:
            return
        end = self.authorisation.end
        if datetime.fromtimestamp(self.now(), UTC) >= end:
            raise ScopeError(f"the authorisation ended on {end.date().isoformat()}", "have it renewed")

    def admit(self, target: Target) -> None:
        """Check a target as named, without a packet or a DNS question. Raises ScopeError."""
        if target.is_local:
            return
        self.check_time()
        if not self._named(target.host, target.port):
            raise ScopeError(f"{target.text} lies outside the scope", self._hint())

    def pin(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses to connect to for this host and port, in the order to try them; at least one.

        Raises ScopeError before any DNS question when the name is not covered, and after it when the answer
        leads where the authorisation does not; OSError when the name has no address.
        """
        self.check_time()
        if not self._named(host, port):
            raise ScopeError(f"{host}:{port} lies outside the scope", self._hint())
        reachable = tuple(text for text in self._addresses(host) if self._reachable(host, plain(text), port))
        if not reachable:
            raise ScopeError(f"{host} resolves to an address outside the scope", self._hint())
        return reachable[:_MOST_ADDRESSES]

    def covers(self, host: str, port: int | None = None) -> bool:
        """Whether the host may be asked at all, judged by what is written, without a DNS question."""
        try:
            self.check_time()
        except ScopeError:
            return False
        return self._named(host, port)

    def _addresses(self, host: str) -> list[str]:
        try:
            return [str(ipaddress.ip_address(host.partition("%")[0]))]
        except ValueError:
            pass
        if host == "localhost" or host.endswith(".localhost"):
            return ["127.0.0.1", "::1"]
        return self.resolver(host)

    def _named(self, host: str, port: int | None) -> bool:
        network = _network(host)
        if network is not None and all(is_loopback(plain(str(end))) for end in {network[0], network[-1]}):
            loopback = True
        else:
            loopback = network is None and (host == "localhost" or host.endswith(".localhost"))
        if self.authorisation is None:
            return loopback
        if self.authorisation.excludes(host, port):
            return False
        return loopback or self.authorisation.includes(host, port)

    def _reachable(self, host: str, address: Address, port: int) -> bool:
        """Whether a covered name may lead to this address.

        A name listed in the scope may lead to any public address; to loopback, private or special ones only when
        they are listed too, so that a rebinding name cannot reach inside.
        """
        if self.authorisation is None:
            return is_loopback(address)
        if self.authorisation.excludes(str(address), port):
            return False
        if _network(host) is not None or self.authorisation.includes(str(address), port):
            return True
        if is_loopback(address):
            return host == "localhost" or host.endswith(".localhost")
        return address.is_global

    def _hint(self) -> str:
        if self.authorisation is None:
            return "only files and loopback need no scope file; name one with --scope FILE"
        return "add it to the scope file if it is yours to test"


def _network(host: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(host.partition("%")[0], strict=False)
    except ValueError:
        return None
