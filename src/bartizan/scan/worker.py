"""Works on one batch: opens it and shows each subject to the sensors that want it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache, partial
from importlib import import_module
from typing import Any

from bartizan.engine.limit import Watch
from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.document import Document
from bartizan.model.errors import BartizanError, LimitError
from bartizan.model.event import Event
from bartizan.model.finding import Finding
from bartizan.model.folder import Folder
from bartizan.model.inventory import number
from bartizan.model.observation import Observation
from bartizan.model.service import Service
from bartizan.model.session import Session
from bartizan.model.subject import Subject
from bartizan.rules.library import Library
from bartizan.scan.crowd import look_at_all
from bartizan.scan.eraser import Eraser
from bartizan.scan.order import Job, Order, Yield
from bartizan.scan.parcel import pack
from bartizan.scan.veil import Veil
from bartizan.scope.guard import Guard
from bartizan.sensors.registry import KINDS, SENSORS
from bartizan.sources.registry import SOURCES

SECONDS = 60.0
"""What one file, archive included, may take."""


def work(job: Job) -> bytes:
    """Run the batch under its order and pack what came of it. This is what an engine's workers execute."""
    return pack(_worker(job.order).run(job))


def load(home: str) -> Any:
    """The object that a registry line `module:name` means."""
    module, _, name = home.partition(":")
    return getattr(import_module(module), name)


@lru_cache(maxsize=4)
def _worker(order: Order) -> Worker:
    return Worker(order)


class Worker:
    """Sources and sensors, made once for each order and process."""

    def __init__(self, order: Order) -> None:
        self.settings = order.settings
        self.guard = Guard(order.authorisation)
        self.library = Library(order.settings.packs)
        self._veil = Veil(self.library)
        self._names = [name for name in order.sensors if name in SENSORS]
        self._sensors: dict[type[Any], list[tuple[str, Any]]] = {}
        self._ready: set[type[Any]] = set()
        self._making = threading.Lock()
        self._sources: dict[str, Any] = {}
        self._watch = Watch(SECONDS)
        self._domains = sorted({name.partition("/")[0] for name in order.sensors} & set(self.library.domains))

    def run(self, job: Job) -> Yield:
        """Open the batch and collect what the sensors say."""
        start = time.process_time()
        done = Yield()
        source = self._source(job.batch.source)
        ceiling = _Ceiling()
        at_once = getattr(source, "at_once", 1)
        if at_once > 1:
            for part in look_at_all(source.subjects(job.batch), partial(self._aside, source), at_once):
                done.add(part)
            done.observations = self._once(done.observations)
        else:
            with self._watch:
                self._in_turn(source.subjects(job.batch), ceiling, done)
        if hasattr(source, "take_touches"):
            done.touches = source.take_touches()
        done.observations.extend(ceiling.gaps)
        done.seconds = time.process_time() - start
        return done

    def _looking_at(self, kind: type[Any]) -> list[tuple[str, Any]]:
        """The sensors for a kind of subject, made when the first such subject is met: many scans meet neither a
        service nor a folder. Services are looked at by several threads, of which one may make them.
        """
        if kind not in self._ready:
            with self._making:
                if kind not in self._ready:
                    self._make(kind)
                    self._ready.add(kind)
        return self._sensors.get(kind, [])

    def _make(self, kind: type[Any]) -> None:
        """Make the sensors of that kind, and those of which the registry does not tell the kind."""
        waiting: list[str] = []
        for name in self._names:
            if KINDS.get(name, kind.__name__) != kind.__name__:
                waiting.append(name)
                continue
            sensor = load(SENSORS[name])(self.library, self.settings)
            own = Blob if sensor.kind is Document else sensor.kind
            self._sensors.setdefault(own, []).append((name, sensor))
        self._names = waiting

    @cached_property
    def _yielding(self) -> dict[str, tuple[str, ...]]:
        rules = [rule for domain in self._domains for rule in self.library.rules(domain).values()]
        return {rule.id: rule.yields_to for rule in rules if rule.yields_to}

    def _once(self, seen: Iterable[Observation]) -> list[Observation]:
        """One weakness at one place is one finding: a rule yields to what says the same better about the place."""
        seen = list(seen)
        findings = [found for found in seen if isinstance(found, Finding)]
        if len(findings) < 2:
            return seen
        spoken = {(name, _spot(found)) for found in findings for name in (found.rule, found.rule.partition("/")[0])}
        return [
            kept
            for kept in seen
            if not isinstance(kept, Finding)
            or not any((name, _spot(kept)) in spoken for name in self._yielding.get(kept.rule, ()))
        ]

    def _in_turn(self, subjects: Iterable[Subject | Coverage], ceiling: _Ceiling, done: Yield) -> None:
        for subject in subjects:
            if isinstance(subject, Coverage):
                done.observations.append(subject)
                continue
            done.subjects += 1
            if isinstance(subject, Blob):
                done.size += len(subject.data)
                if ceiling.passed(subject):
                    continue
            sensors = self._looking_at(_kind(subject))
            if sensors and (seen := _look(subject, sensors, done.checked, self._watch)):
                done.observations.extend(self._veil.over(Eraser(_secrets(sensors)).over(self._once(seen))))

    def _aside(self, source: Any, subject: Subject | Coverage) -> Yield:
        """What one of several subjects gives that are looked at side by side, and what follows from it."""
        part = Yield()
        self._in_turn((subject,), _Ceiling(), part)
        if not isinstance(subject, Coverage):
            for further in source.done(subject):
                part.add(self._aside(source, further))
        return part

    def _source(self, name: str) -> Any:
        if name not in self._sources:
            self._sources[name] = load(SOURCES[name])(self.settings, self.guard)
        return self._sources[name]


class _Ceiling:
    """Ends a file whose members take too long altogether."""

    def __init__(self) -> None:
        self.gaps: list[Coverage] = []
        self._deadline = 0.0
        self._over = False

    def passed(self, blob: Blob) -> bool:
        """Whether the time of the blob's outermost file is used up, counted from its first member."""
        if blob.location.member is None:
            self._deadline, self._over = 0.0, False
        elif not self._deadline:
            self._deadline = time.monotonic() + SECONDS
        elif not self._over and time.monotonic() > self._deadline:
            self._over = True
            self.gaps.append(
                Coverage(Outcome.FAILED, str(blob.location.path), f"stopped after {SECONDS:g} s; the rest is unread")
            )
        return self._over


def _look(subject: Subject, sensors: list[tuple[str, Any]], checked: dict[str, int], watch: Watch) -> list[Observation]:
    """Show one subject to every sensor that wants it. This is the boundary that a sensor's error stops at."""
    seen: list[Observation] = []
    parsed: Any = None
    sure = False
    for name, sensor in sensors:
        try:
            if not sensor.wants(subject):
                continue
            watch.start()
            if sensor.kind is Document and isinstance(subject, Blob):
                parsed = parsed or _parse(subject)
                sure = sure or (hasattr(sensor, "sure") and sensor.sure(subject))
                seen.extend(found for document in parsed.documents for found in sensor.observe(document))
                if parsed.flaws and not parsed.documents:
                    continue
            else:
                seen.extend(sensor.observe(subject))
            checked[name] = checked.get(name, 0) + 1
        except BartizanError as error:
            at_fault = name if isinstance(error, LimitError) else ""  # else the file, whoever reads it
            seen.append(Coverage(Outcome.FAILED, _name(subject), str(error), at_fault))
        except MemoryError:
            seen.append(Coverage(Outcome.FAILED, _name(subject), "out of memory", name))
        except Exception as error:  # noqa: BLE001 - one sensor's mistake must not cost the scan
            what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            seen.append(Coverage(Outcome.FAILED, _name(subject), f"internal error: {what}", name))
        finally:
            watch.stop()
    if parsed is not None and parsed.flaws:
        seen.extend(_unparsed(_name(subject), parsed, sure=sure))
    if not seen:
        return seen
    return number(_of_this_commit(subject, seen))


def _secrets(sensors: list[tuple[str, Any]]) -> set[bytes]:
    """The values of secrets that the sensors found in what they looked at last."""
    return {value for _, sensor in sensors if hasattr(sensor, "take_secrets") for value in sensor.take_secrets()}


def _spot(found: Finding) -> tuple[object, ...]:
    place = found.location
    return (place.path, place.member, place.line, place.host, place.port)


def _parse(blob: Blob) -> Any:
    from bartizan.sources.document import parse

    return parse(blob)


def _unparsed(name: str, parsed: Any, *, sure: bool) -> Iterator[Coverage]:
    """What is said of a file that could not be parsed: an error only where there is no doubt what it should be.

    It is nobody's fault but the file's own: said once, for all sensors.
    """
    if parsed.is_template:
        yield Coverage(Outcome.SKIPPED, name, "a template, not a document")
        return
    for flaw in parsed.flaws:
        failed = sure or isinstance(flaw, LimitError)
        yield Coverage(Outcome.FAILED if failed else Outcome.SKIPPED, name, flaw.what)


def _of_this_commit(subject: Subject, seen: list[Observation]) -> Iterator[Observation]:
    """Of a blob from history, only findings on lines that its commit added: the others belong to earlier ones."""
    is_new = subject.is_new if isinstance(subject, Blob) else None
    for observation in seen:
        line = observation.location.line if isinstance(observation, Finding) else None
        if is_new is None or line is None or is_new(line):
            yield observation


def _kind(subject: Subject) -> type[Any]:
    """The type that sensors name; protocols are told by what they can do."""
    kind = type(subject)
    if kind is Blob or kind is Event:
        return kind
    if hasattr(subject, "ask"):
        return Service
    return Session if hasattr(subject, "call") else Folder


def _name(subject: Subject) -> str:
    location = subject.blob.location if isinstance(subject, Document) else subject.location
    return str(location)
