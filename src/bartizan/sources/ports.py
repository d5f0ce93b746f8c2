"""Which ports are looked at: a profile or a list."""

from __future__ import annotations

from bartizan.model.errors import UsageError
from bartizan.rules.approach import Approach
from bartizan.rules.library import Library
from bartizan.rules.product import Product


def chosen_ports(text: str, library: Library) -> tuple[int, ...]:
    """The ports that `--ports TEXT` means, each once.

    `ai` is every port that a known product uses by default, first the most common; `all` is 1 to 65535; another
    word is a profile of the packs; anything else is a list such as `80,8000-8100`, in which profiles may stand too.
    Raises UsageError.
    """
    ports: dict[int, None] = {}
    for part in text.split(","):
        ports.update(dict.fromkeys(_part(part.strip(), library)))
    if not ports:
        raise UsageError(f"no ports in {text!r}")
    return tuple(ports)


def _part(part: str, library: Library) -> tuple[int, ...] | range:
    if part == "all":
        return range(1, 65536)
    profiles: dict[str, tuple[int, ...]] = {}
    for sheet in library.sheets(Approach):
        profiles.update(sheet.ports)
    if part == "ai":
        return (*profiles.get("ai", ()), *sorted({port for it in library.sheets(Product) for port in it.ports}))
    if part in profiles:
        return profiles[part]
    low, dash, high = part.partition("-")
    if not low.isdigit() or (dash and not high.isdigit()):
        known = ", ".join(sorted({"ai", "all", *profiles}))
        raise UsageError(f"not a port, range or profile: {part!r}", f"profiles are {known}")
    first, last = int(low), int(high or low)
    if not 0 < first <= last < 65536:
        raise UsageError(f"not a range of ports between 1 and 65535: {part!r}")
    return range(first, last + 1)
