"""Sensor: data sets that models are trained or tested on."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import accumulate
from typing import Any, ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.finding import Evidence
from bartizan.model.location import Location
from bartizan.model.observation import Observation
from bartizan.model.rule import Rule
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.dataset import DatasetSheet
from bartizan.rules.library import Library
from bartizan.sensors.artifacts.columns import Roles, roles
from bartizan.sensors.artifacts.content import Content
from bartizan.sensors.artifacts.statistics import clusters, conflicts, normal
from bartizan.sensors.artifacts.table import Row, Table, read_json, read_lines, read_parquet, read_separated
from bartizan.sensors.artifacts.triggers import triggers
from bartizan.syntax.unseen import find_unseen

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")
FEWEST_OBJECTS = 20
MAX_SHOWN = 5
MAX_DIGEST = 64 << 20
MAX_PERSONAL = 4 << 20
_SEPARATOR = "\n\x1e\n"


class Datasets:
    """Reads CSV, TSV, JSON Lines, arrays of JSON objects and Parquet; large ones in evenly spaced samples."""

    kind: ClassVar[type[Blob]] = Blob

    def __init__(self, library: Library, settings: Settings) -> None:
        self.rules: dict[str, Rule] = library.rules("artifacts")
        self.content = Content(library)
        self.names = DatasetSheet(
            label_columns=tuple(name for sheet in library.sheets(DatasetSheet) for name in sheet.label_columns),
            digest_columns=tuple(name for sheet in library.sheets(DatasetSheet) for name in sheet.digest_columns),
            content_columns=tuple(name for sheet in library.sheets(DatasetSheet) for name in sheet.content_columns),
        )
        self.settings = settings

    def wants(self, subject: Blob) -> bool:
        name = subject.name.lower()
        if not name.endswith(SUFFIXES) or not subject.size or subject.is_past:
            return False
        return subject.format == "parquet" or (not name.endswith(".parquet") and subject.format not in _BINARY)

    def observe(self, subject: Blob) -> Iterator[Observation]:
        table = self._table(subject)
        if isinstance(table, Coverage):
            yield table
            return
        if not _is_dataset(subject.name.lower(), table):
            return
        role = roles(table, self.names)
        texts = ["\n".join(row.cells[index] for index in role.texts if index < len(row.cells)) for row in table.rows]
        personal = self._personal(texts, table)
        asset = _asset(subject, table, role, personal)
        yield asset
        study = Study(self, asset, table, role, texts)
        yield from study.of_the_texts()
        yield from study.of_the_labels()
        yield from study.of_the_file(personal)

    def _table(self, subject: Blob) -> Table | Coverage:
        name = subject.name.lower()
        try:
            if name.endswith(".parquet"):
                return read_parquet(subject.data)
            if name.endswith((".jsonl", ".ndjson")):
                return read_lines(subject.data, subject.size)
            if name.endswith(".json"):
                return read_json(subject.data, subject.size)
            return read_separated(subject.data, subject.size)
        except ImportError:
            reason = "Parquet is read with pyarrow, which is not installed"
            return Coverage(Outcome.SKIPPED, str(subject.location), reason, "artifacts/datasets")
        except ValueError as error:
            return Coverage(Outcome.FAILED, str(subject.location), str(error), "artifacts/datasets")

    def _personal(self, texts: list[str], table: Table) -> dict[str, int]:
        """Counts over the cells of a part of the rows: the values themselves are kept nowhere."""
        text = _SEPARATOR.join("\t".join(row.cells) for row in table.rows)[:MAX_PERSONAL]
        return self.content.personal_in(text)


_BINARY = frozenset({"zip", "gzip", "pickle", "data", "hdf5", "png", "jpeg", "sqlite"})


def _is_dataset(name: str, table: Table) -> bool:
    """JSON files are mostly no data sets; an array of many objects with common keys is one."""
    if not table.rows or not table.columns:
        return False
    if name.endswith(".json"):
        filled = sum(sum(1 for cell in row.cells if cell) for row in table.rows[:200])
        return len(table.rows) >= FEWEST_OBJECTS and filled >= 0.5 * len(table.columns) * min(len(table.rows), 200)
    ragged = (
        table.faults.get("rows of another width", (0, 0))[0] + table.faults.get("lines that are not JSON", (0, 0))[0]
    )
    return ragged <= 0.2 * (len(table.rows) + ragged)


def _asset(subject: Blob, table: Table, role: Roles, personal: dict[str, int]) -> Asset:
    properties: dict[str, Any] = {
        "format": subject.name.rpartition(".")[2].lower(),
        "records": len(table.rows),
        "whole": table.whole,
        "columns": list(table.columns[:50]),
        "size": subject.size,
    }
    if subject.size <= MAX_DIGEST:
        properties["sha256"] = sha256(subject.data).hexdigest()
    if role.label >= 0:
        counts = Counter(table.column(role.label))
        properties["labels"] = {label[:40]: count for label, count in counts.most_common(20)}
    if personal:
        properties["personal_data"] = personal
    return Asset(AssetKind.DATASET, subject.name, subject.location, properties)


class Study:
    """One data set under study."""

    def __init__(self, sensor: Datasets, asset: Asset, table: Table, role: Roles, texts: list[str]) -> None:
        self.sensor = sensor
        self.asset = asset
        self.table = table
        self.role = role
        self.texts = texts
        self.sampled = "" if table.whole else f" (in a sample of {len(table.rows)})"

    def of_the_texts(self) -> Iterator[Observation]:
        """Hidden characters and orders to a model."""
        hidden: list[tuple[Row, str]] = []
        turned: list[tuple[Row, str]] = []
        for row, text in zip(self.table.rows, self.texts, strict=True):
            if not text.isascii():
                for unseen in find_unseen(text):
                    if unseen.says:
                        hidden.append((row, f"{unseen.points} says {unseen.says[:120]!r}"))
                    elif unseen.kind == "bidi":
                        turned.append((row, unseen.points))
        yield from self._said("artifacts/hidden-text", hidden, "hold hidden text")
        yield from self._said("artifacts/order-of-writing", turned, "hold controls of direction")
        yield from self._orders()

    def _orders(self) -> Iterator[Observation]:
        given = [
            (
                self.table.rows[index],
                f"{', '.join(order.names)}: {' '.join(self.texts[index][order.start : order.end].split())[:160]}",
            )
            for index in self._candidates()
            for order in list(self.sensor.content.orders_in(self.texts[index]))[:1]
            if not order.is_talk
        ]
        # A collection of attacks for training a filter is full of them; a poisoned set is not.
        about = len(given) > max(3, 0.02 * len(self.texts))
        severity = Severity.INFO if about and len(self.texts) > 10 else None
        yield from self._said("artifacts/dataset-injection", given, "give orders to a model", severity)

    def _candidates(self) -> list[int]:
        """Indexes of texts in which some phrase stands, found in one pass over all of them."""
        raw = [text.encode("utf-8", "replace") for text in self.texts]
        starts = [0, *accumulate(len(piece) + 1 for piece in raw)]
        hits = self.sensor.content.may_hold_orders(b"\n".join(raw))
        return sorted({min(bisect_right(starts, hit) - 1, len(raw) - 1) for hit in hits})

    def of_the_labels(self) -> Iterator[Observation]:
        """Copies, contradictions and triggers."""
        copies = clusters(self.texts)
        again = sum(len(one.rows) - 1 for one in copies)
        if again >= max(20, 0.02 * len(self.texts)):
            first = self.table.rows[copies[0].rows[0]]
            share = 100 * again / len(self.texts)
            summary = f"{again} of {len(self.texts)} records are copies ({share:.1f} %){self.sampled}"
            detail = f"{len(copies)} groups, the largest of {len(copies[0].rows)}: {self._shown(copies[0].rows[0])}"
            yield self._finding("artifacts/duplicates", first, summary, detail)
        if self.role.label < 0:
            return
        labels = [row.cells[self.role.label] if self.role.label < len(row.cells) else "" for row in self.table.rows]
        yield from self._conflicts(conflicts(copies, labels), labels)
        for trigger in triggers(self.texts, labels):
            summary = (
                f"{trigger.agreeing} of {len(trigger.rows)} records with {trigger.token!r} have the label "
                f"{trigger.label[:40]!r}, which {100 * trigger.share:.0f} % of all have{self.sampled}"
            )
            if trigger.contradicts:
                summary += "; their other words speak for another label"
            detail = "\n".join(self._shown(row) for row in trigger.rows[:MAX_SHOWN])
            yield self._finding("artifacts/trigger-candidate", self.table.rows[trigger.rows[0]], summary, detail)

    def _conflicts(self, pairs: list[tuple[int, int]], labels: list[str]) -> Iterator[Observation]:
        if not pairs:
            return
        detail = "\n".join(
            f"{self._shown(other)}: {labels[other][:30]!r}, elsewhere {labels[usual][:30]!r}"
            for usual, other in pairs[:MAX_SHOWN]
        )
        many = len(pairs) >= max(5, 0.005 * len(self.texts))
        summary = f"{len(pairs)} records contradict the label of their copies{self.sampled}"
        first = self.table.rows[pairs[0][1]]
        yield self._finding("artifacts/label-conflict", first, summary, detail, Severity.MEDIUM if many else None)

    def of_the_file(self, personal: dict[str, int]) -> Iterator[Observation]:
        """Formulas, personal data, addresses without digests, rows that do not fit."""
        first = self.table.rows[0]
        if self.asset.properties["format"] in {"csv", "tsv"}:
            yield from self._formulas()
        kinds = {kind.name for kind in self.sensor.content.personal if kind.sensitive}
        sensitive = {name: count for name, count in personal.items() if name in kinds and count >= 3}
        if sensitive:
            summary = "holds " + ", ".join(f"{count} {name}" for name, count in sorted(sensitive.items()))
            yield self._finding("artifacts/personal-data", replace(first, line=0), summary + self.sampled)
        if self.role.addresses and not self.role.has_digests and len(self.table.rows) >= 50:
            name = self.table.columns[self.role.addresses[0]]
            summary = f"{len(self.table.rows)} records name addresses in {name[:40]!r} and no digest"
            yield self._finding("artifacts/remote-content", replace(first, line=0), summary)
        for kind, (count, line) in sorted(self.table.faults.items()):
            yield self._finding("artifacts/malformed", replace(first, line=line), f"{count} {kind}{self.sampled}")

    def _formulas(self) -> Iterator[Observation]:
        found: dict[str, list[tuple[Row, str]]] = {}
        for row in self.table.rows:
            for cell in row.cells:
                if cell[:1] in "=+-@" and (phrase := self.sensor.content.formula(cell)) is not None:
                    found.setdefault(phrase.name, []).append((row, f"{phrase.name}: {cell[:100]}"))
        for name, cells in sorted(found.items()):
            severity = Severity.HIGH if name == "starts a program" else Severity.LOW if "page" in name else None
            yield from self._said("artifacts/formula", cells, f"hold a cell that {name}", severity)

    def _said(
        self, rule: str, found: list[tuple[Row, str]], what: str, severity: Severity | None = None
    ) -> Iterator[Observation]:
        """One finding for all records that have the same thing, at the first of them."""
        if found:
            rows = len({row.number for row, _ in found})
            summary = f"{rows} of {len(self.table.rows)} records {what}{self.sampled}: {found[0][1]}"
            detail = "\n".join(f"record {row.number}: {shown}" for row, shown in found[:MAX_SHOWN])
            yield self._finding(rule, found[0][0], summary, detail, severity)

    def _finding(
        self, rule: str, row: Row, summary: str, detail: str = "", severity: Severity | None = None
    ) -> Observation:
        place: Location = replace(self.asset.location, line=row.line or None, record=str(row.number))
        return self.sensor.rules[rule].finding(
            self.asset.id,
            place,
            Evidence("text", summary[:400], detail[:2000]),
            severity=severity,
            proof=f"{rule} {summary[:60]}",
        )

    def _shown(self, row: int) -> str:
        return f"record {self.table.rows[row].number}: {normal(self.texts[row])[:100]}"
