"""Sensor: documents bound for retrieval."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.finding import Evidence
from bartizan.model.observation import Observation
from bartizan.model.rule import Rule
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.dataset import DatasetSheet
from bartizan.rules.library import Library
from bartizan.sensors.artifacts.content import Content, Order
from bartizan.syntax.unseen import find_unseen

SUFFIXES = (".md", ".mdx", ".txt", ".html", ".htm", ".rst", ".adoc", ".eml", ".xml")
MAX_SIZE = 4 << 20
MAX_HIDDEN = 20_000
_VEIL = re.compile(
    r"<(\w{1,20})\b[^<>]{0,400}?(?:display:\s*none|visibility:\s*hidden|font-size:\s*0|opacity:\s*0(?![.\d])|"
    r"color:\s*(?:#fff(?:fff)?\b|white)|\shidden\b|aria-hidden=.true)[^<>]{0,400}>",
    re.IGNORECASE,
)


class Documents:
    """Reads text, Markdown and HTML below folders whose name says that their content is retrieved."""

    kind: ClassVar[type[Blob]] = Blob

    def __init__(self, library: Library, settings: Settings) -> None:
        self.rules: dict[str, Rule] = library.rules("artifacts")
        self.content = Content(library)
        self.folders = frozenset(name for sheet in library.sheets(DatasetSheet) for name in sheet.retrieval_folders)
        self.settings = settings

    def wants(self, subject: Blob) -> bool:
        path = subject.inner_path.lower()
        if (
            subject.is_past
            or not path.endswith(SUFFIXES)
            or subject.size > MAX_SIZE
            or subject.format not in {"text", "html", "xml"}
        ):
            return False
        return not self.folders.isdisjoint(path.split("/")[:-1])

    def observe(self, subject: Blob) -> Iterator[Observation]:
        text = subject.bytes().decode("utf-8", "replace")
        asset = Asset(AssetKind.DATASET, subject.name, subject.location, {"format": "document", "size": subject.size})
        found = [*self._hidden(subject, text, asset), *self._orders(subject, text, asset)]
        if found:
            yield asset
            yield from found

    def _hidden(self, subject: Blob, text: str, asset: Asset) -> Iterator[Observation]:
        for unseen in find_unseen(text):
            if unseen.says:
                place = replace(subject.location, line=text.count("\n", 0, unseen.start) + 1)
                summary = f"{unseen.count} characters without a shape say {unseen.says[:160]!r}"
                yield self.rules["artifacts/hidden-text"].finding(
                    asset.id, place, Evidence("text", summary, unseen.points)
                )

    def _orders(self, subject: Blob, text: str, asset: Asset) -> Iterator[Observation]:
        if not self.content.may_hold_orders(text.encode("utf-8", "replace")):
            return
        veiled = list(hidden_spans(text)) if "<" in text else []
        for order in self.content.orders_in(text):
            hidden = any(start <= order.start < end for start, end in veiled)
            if order.is_talk and not hidden:
                continue
            place = replace(subject.location, line=text.count("\n", 0, order.start) + 1)
            yield self.rules["artifacts/document-injection"].finding(
                asset.id,
                place,
                Evidence("text", self._summary(order, text, hidden=hidden)),
                severity=None if hidden or len(order.names) > 1 else Severity.MEDIUM,
            )

    def _summary(self, order: Order, text: str, *, hidden: bool) -> str:
        where = "out of sight, " if hidden else ""
        return f"the text, {where}{' and '.join(order.names)}: {' '.join(text[order.start : order.end].split())[:200]}"


def hidden_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where an HTML text is out of sight: comments, and elements whose style or attributes hide them."""
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start)
        at = len(text) if end < 0 else end + 3
        yield start, at
    for match in _VEIL.finditer(text):
        end = text.find(f"</{match.group(1)}", match.end(), match.end() + MAX_HIDDEN)
        yield match.end(), end if end >= 0 else match.end() + MAX_HIDDEN
