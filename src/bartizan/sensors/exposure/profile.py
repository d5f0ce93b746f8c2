"""What is told of one recognised product on one service: version, access, lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bartizan.rules.product import Access, AccessSign, Product, VersionAt
from bartizan.sensors.exposure.answer import Answer, holds, text_of
from bartizan.sensors.exposure.interview import Interview
from bartizan.syntax.jsonway import found
from bartizan.syntax.pattern import compiled

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+~_:-]{0,63}")
_MAX_LISTED = 100
_MAX_ITEM = 200


@dataclass(slots=True)
class Profile:
    """A product on a service. `proof` is the answer that proves its access."""

    product: Product
    version: str = ""
    version_of: str = ""
    access: Access = Access.UNKNOWN
    proof: Answer | None = None
    note: str = ""
    lists: dict[str, list[str]] = field(default_factory=dict)

    def properties(self) -> dict[str, Any]:
        """As they stand in the inventory."""
        table: dict[str, Any] = {
            "product": self.product.slug,
            "category": self.product.category,
            "access": str(self.access),
        }
        if self.product.vendor:
            table["vendor"] = self.product.vendor
        if self.version:
            table |= {"version": self.version, "version_of": self.version_of}
        if self.access is Access.OPEN and self.product.gains:
            table["grants"] = [str(gain) for gain in self.product.gains]
        return table | self.lists


def profile(product: Product, interview: Interview) -> Profile:
    """Ask what is still needed: first what proves the access, then the version, then the lists."""
    made = Profile(product)
    for sign in product.access:
        answer = _proof(sign, interview)
        if answer is not None:
            made.access, made.proof, made.note = sign.state, answer, sign.note
            break
    _read_version(made, interview)
    if made.access in (Access.OPEN, Access.UNKNOWN):
        for listing in product.lists:
            names = list(dict.fromkeys(_listed(interview, listing.at, listing.way)))
            if names:
                made.lists[listing.name] = sorted(names)[:_MAX_LISTED]
    return made


def _proof(sign: AccessSign, interview: Interview) -> Answer | None:
    """The answer in which the sign holds. A refusal proves something even where every path is refused alike."""
    if sign.at not in ("/", "*", "?"):
        interview.ask(sign.at)
    answer = interview.answers.get(sign.at)
    if answer is not None and answer.alike and answer.reply.status in (400, 401, 403):
        return answer if holds(sign, answer) else None
    return next((answer for answer in interview.read(sign.at) if holds(sign, answer)), None)


def _read_version(made: Profile, interview: Interview) -> None:
    """The product's own release where one can be read; else what the first other number belongs to."""
    for source in sorted(made.product.versions, key=lambda it: it.of not in ("", made.product.slug)):
        if source.at not in ("/", "*"):
            interview.ask(source.at)
        for answer in interview.read(source.at):
            text = _version(source, answer)
            if text:
                made.version, made.version_of = text, source.of or made.product.slug
                return


def _version(source: VersionAt, answer: Answer) -> str:
    if source.header:
        values = [value for name, value in answer.reply.headers if name == source.header]
    elif source.way:
        values = [text_of(value) for value in found(answer.json, source.way)] if answer.is_json else []
    else:
        values = [answer.reply.body.decode("utf-8", "replace")]
    for value in values:
        match = compiled(source.take).search(value) if source.take else None
        text = (match.group(1) if match else "" if source.take else value).strip()
        if _VERSION.fullmatch(text) and any(mark.isdigit() for mark in text):
            return str(text)
    return ""


def _listed(interview: Interview, at: str, way: str) -> Iterator[str]:
    interview.ask(at)
    for answer in interview.read(at):
        if answer.is_json and 200 <= answer.reply.status < 300:
            for value in found(answer.json, way):
                items = list(value) if isinstance(value, dict) else value if isinstance(value, list) else [value]
                yield from (item[:_MAX_ITEM] for item in items if isinstance(item, str) and item)
