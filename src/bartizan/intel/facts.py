"""Turns the fact files of the repository into advisories and components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import msgspec

from bartizan.intel.advisory import Advisory, Affected, Component
from bartizan.intel.cvss import base_score
from bartizan.intel.rangetext import read_range
from bartizan.intel.version import SCHEMES
from bartizan.model.errors import UsageError
from bartizan.syntax.strictyaml import read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One record of a fact file: about the component of that name, or about the package `identity`.

    `affected` is a range as text (see `intel.rangetext`). Correction files use the same fields; what they give
    replaces what the source says.
    """

    id: str
    component: str = ""
    identity: str = ""
    aliases: tuple[str, ...] = ()
    affected: str = ""
    unclear: str = ""
    only_open: bool = False
    cvss: str = ""
    cvss_score: float = -1.0
    severity: str = ""
    cwe: tuple[str, ...] = ()
    published: str = ""
    kev: str = ""
    summary: str = ""
    disputed: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a source has wrong: the record of that id (of that component only, when given), and why."""

    id: str
    because: str
    component: str = ""
    identity: str = ""
    affected: str = ""
    unclear: str = ""
    cvss: str = ""
    only_open: bool = False
    disputed: bool = False
    drop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedComponent(Component):
    """A component as written down; `dated` says that its releases are dates."""

    dated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """The component file."""

    components: tuple[NamedComponent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """The corrections file."""

    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curated:
    """A file of facts written by hand."""

    records: tuple[Fact, ...]


def read_facts(folder: Path) -> tuple[list[Advisory], list[Component]]:
    """All advisories and components of a folder of facts. Raises UsageError with file and line."""
    named = read_yaml(folder / "components.yaml", Components).components
    facts = [*_records(folder / "advisories.jsonl"), *_curated(folder / "curated.yaml")]
    corrections = read_yaml(folder / "corrections.yaml", Corrections).corrections
    table = {component.slug: component for component in named}
    advisories: dict[str, Advisory] = {}
    for fact in _corrected(facts, corrections):
        advisory = _advisory(fact, table)
        known = advisories.get(advisory.id)
        advisories[advisory.id] = advisory if known is None else merged(known, advisory)
    components = [_plain(component) for component in named]
    return list(advisories.values()), components


def merged(first: Advisory, second: Advisory) -> Advisory:
    """Both records of the same advisory as one: entries united, the first one's words kept where it has any."""
    entries = (*first.affected, *(entry for entry in second.affected if entry not in first.affected))
    return replace(
        first,
        affected=entries,
        aliases=tuple(sorted({*first.aliases, *second.aliases})),
        summary=first.summary or second.summary,
        cvss=first.cvss or second.cvss,
        score=first.score if first.score >= 0 else second.score,
        word=first.word or second.word,
        cwe=first.cwe or second.cwe,
        published=first.published or second.published,
        kev=first.kev or second.kev,
        epss=first.epss if first.epss >= 0 else second.epss,
        epss_date=first.epss_date or second.epss_date,
        malicious=first.malicious or second.malicious,
        disputed=first.disputed or second.disputed,
        source=first.source or second.source,
    )


def _records(path: Path) -> Iterator[Fact]:
    decoder = msgspec.json.Decoder(Fact)
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError as error:
            raise UsageError(f"{path}:{number}: {error}") from None


def _curated(path: Path) -> Iterator[Fact]:
    for record in read_yaml(path, Curated).records:
        yield replace(record, source=record.source or "bartizan")


def _corrected(facts: Iterable[Fact], corrections: Iterable[Correction]) -> Iterator[Fact]:
    table: dict[str, list[Correction]] = {}
    for correction in corrections:
        table.setdefault(correction.id, []).append(correction)
    for fact in facts:
        fitting = [
            correction
            for correction in table.get(fact.id, ())
            if fact.source != "bartizan" and correction.component in ("", fact.component)
        ]
        if not any(correction.drop for correction in fitting):
            yield reduce(_applied, fitting, fact)


def _applied(fact: Fact, correction: Correction) -> Fact:
    return replace(
        fact,
        identity=correction.identity or fact.identity,
        affected="" if correction.only_open or correction.unclear else correction.affected or fact.affected,
        unclear=correction.unclear or fact.unclear,
        cvss=correction.cvss or fact.cvss,
        only_open=correction.only_open or fact.only_open,
        disputed=correction.disputed or fact.disputed,
    )


def _advisory(fact: Fact, components: dict[str, NamedComponent]) -> Advisory:
    score = base_score(fact.cvss)
    return Advisory(
        id=fact.id,
        aliases=fact.aliases,
        affected=(_affected(fact, components),),
        summary=fact.summary,
        cvss=fact.cvss,
        score=score if score >= 0 else fact.cvss_score,
        word=fact.severity,
        cwe=fact.cwe,
        published=fact.published,
        kev=fact.kev,
        disputed=fact.disputed,
        source=fact.source,
    )


def _affected(fact: Fact, components: dict[str, NamedComponent]) -> Affected:
    identity = fact.identity or f"product:{fact.component}"
    home = components.get(fact.component)
    scheme, dated = "semver", True
    same: tuple[str, ...] = ()
    if fact.identity:
        scheme = SCHEMES.get(fact.identity.partition(":")[0], "semver")
    elif home:
        scheme, same, dated = home.scheme, home.same, home.dated
    spans, unclear = read_range(fact.affected, scheme, same, dated) if fact.affected else ((), "")
    return Affected(
        identity=identity,
        spans=spans,
        fixed=_last_bound(spans),
        unclear=fact.unclear or unclear,
        only_open=fact.only_open,
    )


def _last_bound(spans: tuple[tuple[str, ...], ...]) -> str:
    """The first release outside, where the last span names it."""
    bounds = [part[1:] for part in (spans[-1] if spans else ()) if part[0] == "<" and part[1] != "="]
    return bounds[0] if bounds else ""


def _plain(named: NamedComponent) -> Component:
    return Component(
        slug=named.slug,
        names=named.names,
        packages=named.packages,
        scheme=named.scheme,
        split=named.split,
        same=named.same,
    )
