"""Opens what others publish about vulnerabilities: files, folders and zip archives that a person saved."""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from bartizan.intel.advisory import Advisory, Component
from bartizan.intel.facts import merged
from bartizan.intel.nvd import Exploitation, is_kev, is_nvd, read_epss, read_kev, read_nvd
from bartizan.intel.osv import is_osv, read_osv
from bartizan.model.errors import SourceError

MAX_FILE = 512 << 20
MAX_FILES = 1_000_000


@dataclass(slots=True)
class Haul:
    """What was read: advisories by id, what is known of exploitation, counts by source, and what was no use."""

    advisories: dict[str, Advisory] = field(default_factory=dict)
    exploitation: list[Exploitation] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def take(self, advisory: Advisory) -> None:
        """Take an advisory in; the same one from two sources becomes one."""
        known = self.advisories.get(advisory.id)
        self.advisories[advisory.id] = advisory if known is None else merged(known, advisory)
        self.counts[advisory.source] = self.counts.get(advisory.source, 0) + 1

    def onto(self, present: Iterator[Advisory], components: tuple[Component, ...]) -> list[Advisory]:
        """The present advisories with these put in, and exploitation noted on all of them.

        A record that was read anew replaces the earlier entries for the packages, and for their products, that it
        speaks of.
        """
        products = {package: f"product:{one.slug}" for one in components for package in one.packages}
        table = {advisory.id: advisory for advisory in present}
        for identity, fresh in self.advisories.items():
            table[identity] = _renewed(table[identity], fresh, products) if identity in table else fresh
        for use in self.exploitation:
            if (known := table.get(use.id)) is not None:
                table[use.id] = replace(
                    known,
                    kev=use.kev or known.kev,
                    epss=use.epss if use.epss >= 0 else known.epss,
                    epss_date=use.epss_date or known.epss_date,
                )
        return list(table.values())


def _renewed(known: Advisory, fresh: Advisory, products: dict[str, str]) -> Advisory:
    named = {entry.identity for entry in fresh.affected}
    named |= {products[name] for name in named if name in products}
    return merged(fresh, replace(known, affected=tuple(one for one in known.affected if one.identity not in named)))


def read_feeds(paths: list[Path], components: tuple[Component, ...]) -> Haul:
    """Read OSV, GitHub, NVD and KEV JSON and EPSS CSV, from files, folders and zip archives.

    Raises SourceError for a path that cannot be read; a file that is none of these is named in `skipped`.
    """
    haul = Haul()
    for path in paths:
        for name, raw in _files(path):
            if not _read_one(name, raw, components, haul):
                haul.skipped.append(name)
    return haul


def _read_one(name: str, raw: bytes, components: tuple[Component, ...], haul: Haul) -> bool:
    if name.endswith(".csv"):
        uses = list(read_epss(raw.decode("utf-8", "replace")))
        haul.exploitation += uses
        haul.counts["epss"] = haul.counts.get("epss", 0) + len(uses)
        return bool(uses)
    try:
        values: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    known = False
    for value in values if isinstance(values, list) else [values]:
        if is_osv(value):
            known = True
            if (advisory := read_osv(value)) is not None:
                haul.take(advisory)
        elif is_kev(value):
            known = True
            uses = list(read_kev(value))
            haul.exploitation += uses
            haul.counts["kev"] = haul.counts.get("kev", 0) + len(uses)
        elif is_nvd(value):
            known = True
            for advisory in read_nvd(value, components):
                haul.take(advisory)
    return known


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders.sort()
                for name in sorted(names):
                    if name.endswith((".json", ".csv", ".csv.gz", ".zip")):
                        yield from _files(Path(folder) / name)
        elif path.suffix == ".zip":
            yield from _members(path)
        elif path.stat().st_size > MAX_FILE:
            raise SourceError(f"{path}: larger than {MAX_FILE >> 20} MB")
        else:
            raw = path.read_bytes()
            yield path.name.removesuffix(".gz"), _inflated(raw) if path.suffix == ".gz" else raw
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SourceError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist()[:MAX_FILES]:
            if info.filename.endswith((".json", ".csv")) and info.file_size <= MAX_FILE:
                with archive.open(info) as member:
                    yield info.filename, member.read(MAX_FILE)


def _inflated(raw: bytes) -> bytes:
    content = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(raw, MAX_FILE)
    if not content and raw:
        raise gzip.BadGzipFile("no gzip file")
    return content
