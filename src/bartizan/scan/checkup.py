"""Finds the keys of the targets again and asks about each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bartizan.model.errors import UsageError
from bartizan.model.home import data_folder
from bartizan.model.settings import Settings
from bartizan.net.connection import Door
from bartizan.net.pace import Pace
from bartizan.rules.credential import Issuer
from bartizan.rules.library import Library
from bartizan.scan.keyring import Key, find_keys
from bartizan.scan.verification import Verification, Verifier, read_endpoints
from bartizan.scope.authorisation import Intensity, read_authorisation
from bartizan.scope.guard import Guard
from bartizan.scope.ledger import Ledger

_PER_HOST, _TOTAL = 2.0, 10.0
"""Questions in a second: providers count failed ones against the owner of a network."""


def check(
    targets: tuple[str, ...], settings: Settings, scope: Path | None, only: tuple[str, ...], endpoints: tuple[str, ...]
) -> tuple[list[dict[str, Any]], list[str]]:
    """One row for each key, and what could not be read.

    Raises UsageError for a bad option, or a scope file that does not allow verification.
    """
    authorisation = read_authorisation(scope) if scope else None
    if authorisation is not None and authorisation.intensity is not Intensity.ACTIVE:
        raise UsageError(f"{scope}: asking about keys needs the intensity active")
    places = read_endpoints(endpoints)
    issuers = Library(settings.packs).sheets(Issuer)
    providers = {kind.id: issuer.provider for issuer in issuers for kind in issuer.rules}
    wanted = _wanted(only, providers)
    rate = authorisation.rate if authorisation else None
    pace = Pace(min(_PER_HOST, rate.per_host) if rate else _PER_HOST, min(_TOTAL, rate.total) if rate else _TOTAL)
    door = Door(Guard(authorisation), Pace(0, 0) if _is_local(places) else pace, 10.0)
    keys, gaps = find_keys(targets, settings)
    verifier = Verifier(door, providers, places)
    ledger = Ledger(data_folder() / "ledger.jsonl")
    rows = []
    try:
        for key in keys:
            if not wanted or _is_wanted(key, wanted, providers):
                rows.append(_row(verifier.verify(key)))
                ledger.record(door.take_touches(), authorisation.digest if authorisation else "")
    finally:
        ledger.close()
    return rows, [f"{gap.target}: {gap.reason}" for gap in gaps]


def _wanted(only: tuple[str, ...], providers: dict[str, str]) -> frozenset[str]:
    wanted = frozenset(word.removeprefix("secrets/") for text in only for word in text.split(",") if word)
    known = {kind.removeprefix("secrets/") for kind in providers} | set(providers.values())
    for word in sorted(wanted - known):
        raise UsageError(f"{word}: no kind or provider of that name", "see `bartizan rules list --domain secrets`")
    return wanted


def _is_wanted(key: Key, wanted: frozenset[str], providers: dict[str, str]) -> bool:
    return any(kind.slug in wanted or providers[kind.id] in wanted for kind in key.kinds)


def _is_local(places: dict[str, str]) -> bool:
    """Whether every question goes to this machine: nobody is hurt by haste there."""
    return bool(places.get("")) and all("//127." in url or "//localhost" in url for url in places.values())


def _row(said: Verification) -> dict[str, Any]:
    return {
        "kind": said.kind,
        "provider": said.provider,
        "redacted": said.redacted,
        "fingerprint": said.fingerprint,
        "verdict": str(said.verdict),
        "reason": said.reason,
        "asked": said.asked,
        "status": said.status,
        "told": said.told,
        "locations": [place.as_dict() for place in said.places],
    }
