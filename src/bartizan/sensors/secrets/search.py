"""One text in, judged credentials out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from bartizan.model.blob import Blob
from bartizan.rules.credential import Issuer, Kind, Nearness
from bartizan.rules.library import Library
from bartizan.rules.noise import Noise
from bartizan.rules.publishedkey import PublishedKeys
from bartizan.sensors.secrets.bearer import google_account, read_bearer
from bartizan.sensors.secrets.client import arguments, entries, server_at
from bartizan.sensors.secrets.finder import Candidate, Finder
from bartizan.sensors.secrets.halves import BESIDE, completed, is_beside, told_by_other
from bartizan.sensors.secrets.literal import literals
from bartizan.sensors.secrets.neighbours import Attribution, Neighbours
from bartizan.sensors.secrets.quiet import BEGIN, Quiet
from bartizan.sensors.secrets.scanner import Hit, make_scanner
from bartizan.sensors.secrets.sighting import Sighting
from bartizan.sensors.secrets.surroundings import Surroundings
from bartizan.sensors.secrets.text import Text
from bartizan.sensors.secrets.vocabulary import NameSense, Vocabulary
from bartizan.syntax.pattern import compiled
from bartizan.syntax.privatekey import is_locked, key_mark

_SMALL = 1 << 16
_CONFIGURATION = 1 << 20
"""No client configuration is larger."""
_SETTLED = frozenset(("placeholder", "published-sample", "published-key", "expired", "reference", "revoked"))
"""Reasons that hold whatever else the value might be; others only say that it is no key of that kind."""
_NAMES = 20_000
"""File names whose provider is remembered."""


class _Name(NamedTuple):
    """What the name of a file tells."""

    kinds: tuple[Kind, ...]
    may_be_key: bool


class Search:
    """The engine: all kinds of the packs, ready."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.issuers = library.sheets(Issuer)
        self.issuer_of = {kind.id: issuer for issuer in self.issuers for kind in issuer.rules}
        noise = _united(library.sheets(Noise))
        self.kinds = tuple(kind for issuer in self.issuers for kind in issuer.rules)
        self._structured = {kind.structure: kind for kind in self.kinds if kind.structure}
        self._table = literals(self.kinds, noise.tails)
        self._scanner = make_scanner(self._table, "secrets")
        self._told = told_by_other(self.kinds)
        self._finder = Finder(self._table, self._told)
        self.vocabulary = Vocabulary(noise)
        self._neighbours = Neighbours(self.issuers, self.vocabulary, noise.tails)
        self._quiet = Quiet(noise)
        self._names: dict[str, _Name] = {}
        self._now = datetime.now(UTC)
        self.opaque = frozenset(noise.opaque_formats)

    def sightings(self, text: Text, path: str) -> Iterator[Sighting]:
        """Every value of the text that has a kind's shape, dropped ones included."""
        yield from completed(self._seen(text, path))

    def _seen(self, text: Text, path: str) -> Iterator[Sighting]:
        hits = self._scanner.scan(text.data)
        small = len(text.data) <= _SMALL
        named = self._named_by_path(path) if small else ()
        if not hits and not named:
            return
        whole = text.data if small else b""
        found = self._finder.candidates(text.data, hits, named, is_binary=text.is_binary)
        is_client = len(text.data) <= _CONFIGURATION and self._is_client(hits, text.data, path)
        taken: list[Candidate] = []
        halves = self._halves(found, text, path, whole)
        for candidate in found:
            sighting = self._judged(candidate, text, path, whole, halves)
            taken += [candidate] if not sighting.dropped or sighting.dropped in _SETTLED else []
            yield replace(sighting, record=server_at(text.data, candidate.start)) if is_client else sighting
        if is_client:
            yield from self._configured(text, path, taken)

    def may_hold(self, data: bytes, path: str) -> bool:
        """Whether the fast search finds anything of use: false settles it for texts made of stretches of `data`."""
        return self._finder.may_hold(data, self._scanner.scan(data)) or bool(self._named_by_path(path))

    def _is_client(self, hits: list[Hit], data: bytes, path: str) -> bool:
        """Whether it may be the configuration of an MCP client."""
        if path.endswith("mcp.json"):
            return True
        structured = any(kind.structure for number, _ in hits for kind in self._table[number].kinds)
        return structured and b"mcp" in data.lower()

    def in_name(self, blob: Blob, path: str) -> Iterator[Sighting]:
        """Keys that the file is named for: `AKIA….csv`."""
        if self._name(path).may_be_key:
            name = path.rpartition("/")[2].encode("utf-8", "replace")
            yield from self.sightings(Text(name, blob.location, layers=("its name",), is_name=True), "")

    def _named_by_path(self, path: str) -> tuple[Kind, ...]:
        """Kinds whose word stands in the file's own name: `cohere.env`, `kaggle.json`."""
        return self._name(path).kinds

    def _name(self, path: str) -> _Name:
        name = path.rpartition("/")[2]
        known = self._names.get(name)
        if known is None:
            hits: list[Hit] = self._scanner.scan(name.encode("utf-8", "replace"))
            found = [self._table[number] for number, _ in hits]
            kinds = tuple(kind for literal in found for kind in literal.kinds if not kind.starts)
            known = _Name(kinds, any(literal.width for literal in found))
            if len(self._names) < _NAMES:
                self._names[name] = known
        return known

    def _configured(self, text: Text, path: str, found: Iterable[Candidate]) -> Iterator[Sighting]:
        """Values of MCP servers that have no shape of their own."""
        taken = [(candidate.start, candidate.end) for candidate in found]
        known = {text.data[start:end] for start, end in taken}
        for entry in (*entries(text.data, self.vocabulary), *arguments(text.data, self.vocabulary)):
            kind = self._structured.get(entry.structure)
            if (
                kind is None
                or text.data[entry.start : entry.end] in known
                or any(start < entry.end and entry.start < end for start, end in taken)
            ):
                continue
            around = Surroundings(text.data, entry.start, entry.end, self.vocabulary)
            why_not = "" if compiled(kind.shape).fullmatch(around.value) else "no-value"
            why_not = why_not or self._quiet.why_not(kind, around, path)
            sighting = Sighting(text, entry.start, around.value, kind, record=entry.server, dropped=why_not)
            yield sighting if why_not else _described(sighting, around)

    def _halves(self, found: list[Candidate], text: Text, path: str, whole: bytes) -> dict[str, list[int]]:
        """Offsets of the values beside which others need no word, by id of the kind that is told so."""
        halves: dict[str, list[int]] = {}
        for candidate in found:
            for kind in candidate.kinds:
                other = self._told.get(kind.id)
                if other and not self._judged(candidate, text, path, whole, {}).dropped:
                    halves.setdefault(other.id, []).append(candidate.start)
        return halves

    def _judged(
        self, candidate: Candidate, text: Text, path: str, whole: bytes, halves: dict[str, list[int]]
    ) -> Sighting:
        around = Surroundings(text.data, candidate.start, candidate.end, self.vocabulary, path, whole)
        kinds = tuple(kind for kind in candidate.kinds if self._may_be(kind, around))
        first = candidate.kinds[0]
        if not kinds:
            return Sighting(text, candidate.start, around.value, first, dropped="says-nothing")
        found = self._neighbours.attribute(kinds, around, path.encode("utf-8", "replace"), whole)
        if found is None:
            beside = [kind for kind in kinds if is_beside(candidate.start, halves.get(kind.id, []), BESIDE)]
            found = Attribution(beside[0], Nearness.HALF) if beside else None
        if found is None:
            return Sighting(text, candidate.start, around.value, first, dropped="no-context")
        return self._settled(candidate, text, path, around, found)

    def _may_be(self, kind: Kind, around: Surroundings) -> bool:
        """Whether what the kind asks of surroundings and content is there."""
        if kind.needs and not compiled(kind.needs).search(around.wide):
            return False
        return not (
            kind.within is Nearness.NOWHERE and kind.reader and read_bearer(kind.reader, around.value).meaningless
        )

    def _settled(
        self, candidate: Candidate, text: Text, path: str, around: Surroundings, found: Attribution
    ) -> Sighting:
        kind = found.kind
        bearer = google_account(around.wide) if kind.reader == "google" else read_bearer(kind.reader, around.value)
        by_context = not kind.starts and kind.within is not Nearness.NOWHERE
        why_not = "other-name" if by_context and around.sense is NameSense.OTHER else ""
        publisher = self._publisher(around.value)
        why_not = why_not or self._quiet.why_not(kind, around, path, is_published=bool(publisher))
        if not why_not and bearer.is_expired(self._now):
            why_not = "expired"
        sighting = Sighting(
            text, candidate.start, around.value, kind, found.others, found.nearness, bearer=bearer, dropped=why_not
        )
        if why_not:
            return sighting
        locked = around.value.startswith(BEGIN) and is_locked(around.value)
        return _described(replace(sighting, publisher=publisher, is_locked=locked), around)

    def _publisher(self, value: bytes) -> str:
        """Who publishes the private key; empty for other values and for keys that nobody publishes."""
        if not value.startswith(BEGIN):
            return ""
        mark = key_mark(value)
        return next((sheet.publishers[mark] for sheet in self._published if mark in sheet.publishers), "")

    @cached_property
    def _published(self) -> tuple[PublishedKeys, ...]:
        """Read when the first private key is met: most scans meet none."""
        return self._library.sheets(PublishedKeys)


def _described(sighting: Sighting, around: Surroundings) -> Sighting:
    """With what is told of the surroundings, once it is worth telling."""
    return replace(sighting, name=_presentable(around), lines=around.above + b"\n" + around.own_line)


def _presentable(around: Surroundings) -> str:
    """The name, where it is one that a person gave and no value itself."""
    name = around.name_as_written
    is_word = around.sense is NameSense.SECRET and len(name) <= 48 and sum(48 <= char <= 57 for char in name) <= 4
    return name.decode("latin-1") if is_word else ""


def _united(sheets: tuple[Noise, ...]) -> Noise:
    """The noise of all packs as one: reasons and samples add up, names come from the first."""
    first, *more = sheets
    return replace(
        first,
        reasons=(*first.reasons, *(reason for sheet in more for reason in sheet.reasons)),
        samples=(*first.samples, *(sample for sheet in more for sample in sheet.samples)),
    )
