"""Which sensors and correlators take part: `--only` and `--skip`."""

from __future__ import annotations

from collections.abc import Iterable

from bartizan.correlate.registry import CORRELATORS
from bartizan.model.errors import UsageError
from bartizan.sensors.registry import SENSORS


def select(only: Iterable[str] = (), skip: Iterable[str] = ()) -> tuple[str, ...]:
    """Full names of sensors and correlators, in the order of the registries.

    A name is a domain (`secrets`) or a full name (`secrets/keys`); several may be joined by commas. Raises
    UsageError for one that fits nothing.
    """
    wanted, unwanted = _names(only), _names(skip)
    everything = (*SENSORS, *CORRELATORS)
    return tuple(name for name in everything if (not wanted or _fits(name, wanted)) and not _fits(name, unwanted))


def covered(selected: Iterable[str]) -> tuple[str, ...]:
    """Domains of which everything was selected, and the full names of what was selected of others."""
    chosen = frozenset(selected)
    names: dict[str, None] = {}
    for name in (*SENSORS, *CORRELATORS):
        domain = name.partition("/")[0]
        if name in chosen:
            whole = all(each in chosen for each in (*SENSORS, *CORRELATORS) if each.partition("/")[0] == domain)
            names[domain if whole else name] = None
    return tuple(names)


def _names(given: Iterable[str]) -> frozenset[str]:
    names = frozenset(part.strip() for text in given for part in text.split(",") if part.strip())
    known = {part for name in (*SENSORS, *CORRELATORS) for part in (name, name.partition("/")[0])}
    for name in sorted(names - known):
        domains = sorted({part for part in known if "/" not in part})
        raise UsageError(f"no sensor is called {name}", f"domains are {', '.join(domains)}")
    return names


def _fits(name: str, names: frozenset[str]) -> bool:
    return name in names or name.partition("/")[0] in names
