"""One text in, judged credentials out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bartizan.rules.credential import Issuer, Kind
from bartizan.rules.library import Library
from bartizan.rules.noise import Noise
from bartizan.sensors.secrets.bearer import Bearer, google_account, read_bearer
from bartizan.sensors.secrets.finder import Candidate, Finder
from bartizan.sensors.secrets.literal import literals
from bartizan.sensors.secrets.neighbours import Attribution, Neighbours
from bartizan.sensors.secrets.quiet import Quiet
from bartizan.sensors.secrets.scanner import make_scanner
from bartizan.sensors.secrets.surroundings import Surroundings
from bartizan.sensors.secrets.text import Text
from bartizan.sensors.secrets.vocabulary import NameSense, Vocabulary
from bartizan.syntax.pattern import compiled


@dataclass(frozen=True, slots=True)
class Sighting:
    """One value in one text, with what became of it: a credential of `kind`, or dropped because of `dropped`."""

    text: Text
    start: int
    value: bytes
    kind: Kind
    others: tuple[Kind, ...] = ()
    attribution: Attribution | None = None
    name: str = ""
    bearer: Bearer = Bearer()
    dropped: str = ""
    line: bytes = b""


class Search:
    """The engine: all kinds of the packs, ready."""

    def __init__(self, library: Library) -> None:
        self.issuers = library.sheets(Issuer)
        self.issuer_of = {kind.id: issuer for issuer in self.issuers for kind in issuer.rules}
        kinds = [kind for issuer in self.issuers for kind in issuer.rules if not kind.structure]
        table = literals(kinds)
        self._scanner = make_scanner(table, "secrets")
        self._finder = Finder(table)
        noise = _joined(library.sheets(Noise))
        self.vocabulary = Vocabulary(noise)
        self._neighbours = Neighbours(self.issuers, self.vocabulary, noise.tails)
        self._quiet = Quiet(noise)
        self._now = datetime.now(UTC)

    def sightings(self, text: Text, path: str) -> Iterator[Sighting]:
        """Every value of the text that has a kind's shape, dropped ones included."""
        hits = self._scanner.scan(text.data)
        if not hits:
            return
        whole = text.data if len(text.data) <= 1 << 16 else b""
        for candidate in self._finder.candidates(text.data, hits, is_binary=text.is_binary):
            yield self._judged(candidate, text, path, whole)

    def _judged(self, candidate: Candidate, text: Text, path: str, whole: bytes) -> Sighting:
        around = Surroundings(text.data, candidate.start, candidate.end, self.vocabulary)
        kinds = tuple(kind for kind in candidate.kinds if not kind.needs or compiled(kind.needs).search(around.wide))
        first = candidate.kinds[0]
        if not kinds:
            return Sighting(text, candidate.start, around.value, first, dropped="needs-more")
        found = self._neighbours.attribute(kinds, around, path.encode("utf-8", "replace"), whole)
        if found is None:
            return Sighting(text, candidate.start, around.value, first, dropped="no-context")
        return self._settled(candidate, text, path, around, found)

    def _settled(
        self, candidate: Candidate, text: Text, path: str, around: Surroundings, found: Attribution
    ) -> Sighting:
        kind = found.kind
        by_context = not kind.starts
        why_not = "other-name" if by_context and around.sense is NameSense.OTHER else ""
        why_not = why_not or self._quiet.why_not(kind, around, path)
        bearer = read_bearer(kind.reader, around.value) if kind.reader != "google" else google_account(around.wide)
        if not why_not and bearer.is_expired(self._now):
            why_not = "expired"
        if not why_not and bearer.meaningless and kind.family and kind.within.value == "nowhere":
            why_not = "says-nothing"
        return Sighting(
            text=text,
            start=candidate.start,
            value=around.value,
            kind=kind,
            others=found.others,
            attribution=found,
            name=self._presentable(around),
            bearer=bearer,
            dropped=why_not,
            line=around.own_line,
        )

    def _presentable(self, around: Surroundings) -> str:
        """The name, where it is one that a person gave and no value itself."""
        name = around.name_as_written
        is_word = around.sense is NameSense.SECRET and len(name) <= 48 and sum(48 <= char <= 57 for char in name) <= 4
        return name.decode("latin-1") if is_word else ""


def _joined(sheets: tuple[Noise, ...]) -> Noise:
    """The noise of all packs as one: reasons and samples add up, names come from the first."""
    first, *more = sheets
    return replace(
        first,
        reasons=(*first.reasons, *(reason for sheet in more for reason in sheet.reasons)),
        samples=(*first.samples, *(sample for sheet in more for sample in sheet.samples)),
    )
