"""Which acceptances count today, and which say nothing any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bartizan.model.acceptance import Acceptance


@dataclass(frozen=True, slots=True)
class Acceptances:
    """Those in force by finding id; those expired though their finding is still there; those whose finding is gone."""

    in_force: Mapping[str, Acceptance] = field(default_factory=dict)
    expired: tuple[Acceptance, ...] = ()
    unused: tuple[Acceptance, ...] = ()


def sort_acceptances(acceptances: Iterable[Acceptance], present: Collection[str], today: date) -> Acceptances:
    """Sort them by what they are worth today, given the ids of the findings that are there."""
    in_force: dict[str, Acceptance] = {}
    expired: list[Acceptance] = []
    unused: list[Acceptance] = []
    for acceptance in sorted(acceptances, key=lambda accepted: accepted.finding):
        if acceptance.finding not in present:
            unused.append(acceptance)
        elif acceptance.holds(today):
            in_force[acceptance.finding] = acceptance
        else:
            expired.append(acceptance)
    return Acceptances(in_force, tuple(expired), tuple(unused))
