"""Hosts, networks and URLs: sweeps their ports and hands on what listens."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from urllib.parse import urlsplit

from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import ScopeError
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.net.connection import Door
from bartizan.net.pace import Pace
from bartizan.net.service import LiveService
from bartizan.net.sweep import Sweep, written
from bartizan.rules.library import Library
from bartizan.scope.guard import Guard
from bartizan.scope.ledger import Touch
from bartizan.scope.target import Target, TargetKind
from bartizan.sources.dialogue import HttpDialogue
from bartizan.sources.listening import Listener, read_listeners
from bartizan.sources.outside import met_outside
from bartizan.sources.ports import chosen_ports
from bartizan.sources.source import Batch

SLICE = 4096
"""Addresses of one batch of a network."""
RESOLVING = 32
"""Names of a list that are asked of DNS at once."""
SILENT = 20
"""Targets of one batch of a list that are each said to be silent; the others are counted."""


class Network:
    """Source of `Service` subjects. They may be looked at several at once; `done` is told when each was."""

    at_once = 64

    def __init__(self, settings: Settings, guard: Guard) -> None:
        self.settings = settings
        self.guard = guard
        self._listeners: dict[int, Listener] | None = None
        self._untried = 0
        rate = guard.authorisation.rate if guard.authorisation else None
        self.door = Door(guard, Pace(rate.per_host, rate.total) if rate else Pace())

    @cached_property
    def ports(self) -> tuple[int, ...]:
        """The ports of a host that was named without one."""
        return chosen_ports(self.settings.ports, Library(self.settings.packs))

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """One batch for a host, one for each few thousand addresses of a network.

        Raises UsageError when the settings name no usable ports.
        """
        if target.port is None and not self.ports:
            return
        if target.kind is not TargetKind.NETWORK:
            yield Batch("network", target, ())
            return
        network = ipaddress.ip_network(target.host)
        first, left = int(network[0]), network.num_addresses
        if network.version == 4 and network.prefixlen < 31:
            first, left = first + 1, left - 2
        if left > 1 << 24:
            yield Coverage(
                Outcome.FAILED, target.text, f"{left} addresses are too many to sweep; name smaller networks"
            )
            return
        for start in range(first, first + left, SLICE):
            yield Batch("network", target, (network.version, start, min(SLICE, first + left - start)))

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """What listens. A port that was named and does not listen is said."""
        target, self._listeners = batch.target, None
        self._untried = 0
        if batch.items and isinstance(batch.items[0], Target):
            yield from self._listed(batch.items, target.text)
        elif batch.items:
            version, start, count = batch.items
            addresses = (written(version, start + offset) for offset in range(count))
            ends = ((address, port) for address in addresses for port in self.ports)
            for address, port in self._sweep(self._admitted(ends), f"{target.text} from {written(version, start)}"):
                yield self._service(address, port)
        else:
            yield from self._host(target)
        if self._untried:
            what = f"{self._untried} ports not tried: this machine ran out of local ports or descriptors"
            yield Coverage(Outcome.FAILED, target.text, what)

    def done(self, subject: Subject) -> Iterator[Subject | Coverage]:
        """What the conversation with a service met outside, and the MCP server that may answer there; lets go of
        the connection.
        """
        if isinstance(subject, LiveService):
            yield HttpDialogue(subject, named=subject.path not in ("", "/"))
            yield from met_outside(subject, self.guard)
            subject.close()
        elif isinstance(subject, HttpDialogue):
            subject.close()

    def take_touches(self) -> list[Touch]:
        """What was contacted since the last call, for the ledger."""
        return self.door.take_touches()

    def _host(self, target: Target) -> Iterator[Subject | Coverage]:
        pinned = self._pinned(target)
        if isinstance(pinned, Coverage):
            yield pinned
            return
        found: set[int] = set()
        for _, port in self._sweep(iter(pinned), target.text):
            if port not in found:
                found.add(port)
                yield self._service(target.host, port, target)
        if not found:
            yield _silent(target, len({port for _, port in pinned}))

    def _pinned(self, target: Target) -> list[tuple[str, int]] | Coverage:
        """The ends of a host that may be touched, or why there are none."""
        ports = (target.port,) if target.port else self.ports
        try:
            covered = [port for port in ports if self.guard.covers(target.host, port)]
            return [(address, port) for port in covered for address in self.door.pin(target.host, port)]
        except ScopeError as error:
            return Coverage(Outcome.OUT_OF_SCOPE, target.text, error.what)
        except OSError as error:
            return Coverage(Outcome.FAILED, target.text, f"does not resolve: {error.strerror or error}")

    def _listed(self, targets: tuple[Target, ...], what: str) -> Iterator[Subject | Coverage]:
        """Hosts and URLs of a list, swept together; names are resolved side by side."""
        known: dict[tuple[str, int], list[Target]] = {}
        with ThreadPoolExecutor(RESOLVING, "resolve") as threads:
            for target, pinned in zip(targets, threads.map(self._pinned, targets), strict=True):
                if isinstance(pinned, Coverage):
                    yield pinned
                    continue
                for end in pinned:
                    known.setdefault(end, []).append(target)
        answered: dict[Target, set[int]] = {}
        for end in self._sweep(iter(known), what):
            for target in known[end]:
                ports = answered.setdefault(target, set())
                if end[1] not in ports:
                    ports.add(end[1])
                    yield self._service(target.host, end[1], target)
        silent = list(dict.fromkeys(target for named in known.values() for target in named if target not in answered))
        for target in silent[:SILENT]:
            yield _silent(target, len(self.ports))
        if len(silent) > SILENT:
            last = silent[-1].text
            yield Coverage(Outcome.SKIPPED, what, f"{len(silent) - SILENT} further targets up to {last} do not answer")

    def _service(self, host: str, port: int, target: Target | None = None) -> LiveService:
        listener = self._listener(host, port)
        service = LiveService(self.door, host, port, listener.process, listener.bind)
        if target is not None and target.kind is TargetKind.URL:
            parts = urlsplit(target.text)
            service.tls = parts.scheme.lower() == "https"
            service.path = parts.path or "/"
        return service

    def _listener(self, host: str, port: int) -> Listener:
        """Process and bind address, for what listens on this machine."""
        try:
            local = ipaddress.ip_address(host).is_loopback
        except ValueError:
            local = host == "localhost"
        if not local:
            return Listener()
        if self._listeners is None:
            self._listeners = read_listeners()
        return self._listeners.get(port, Listener())

    def _admitted(self, ends: Iterator[tuple[str, int]]) -> Iterator[tuple[str, int]]:
        """The ends that may be touched. A network is admitted as a whole; an authorisation may exclude parts."""
        if self.guard.authorisation is None:
            return ends
        return (end for end in ends if self.guard.covers(*end))

    def _sweep(self, ends: Iterator[tuple[str, int]], what: str) -> Iterator[tuple[str, int]]:
        """Connect to every end, at the pace that the authorisation sets."""
        sweep, start = Sweep(timeout=min(2.0, self.door.timeout)), time.time()
        try:
            yield from sweep.run(self.door.pace.paced(ends))
        finally:
            self._untried += len(sweep.undone)
            if sweep.sent:
                self.door.touch(Touch(start, what, what, "sweep", sweep.sent))


def _silent(target: Target, ports: int) -> Coverage:
    what = f"port {target.port} is closed or silent" if target.port else f"none of {ports} ports answers"
    return Coverage(Outcome.SKIPPED, target.text, what)
