"""`bartizan mcp`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bartizan.cli.stored import opened, packs_option, say, store_option

if TYPE_CHECKING:
    from bartizan.model.asset import Asset
    from bartizan.store.store import Store

FILE = "bartizan-mcp.pins.json"
pins_option = click.option(
    "--pins",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(FILE),
    show_default=True,
    help="The pin file.",
)


@click.group("mcp")
def command() -> None:
    """Pin MCP servers and show what changed.

    \b
    Example:
      bartizan mcp pin
      bartizan mcp diff
    """


@command.command("pin")
@click.argument("server", nargs=-1)
@pins_option
@store_option
def pin(server: tuple[str, ...], pins: Path, url: str | None) -> None:
    """Write down what the servers in the store offer: all of them, or those of the names (or beginnings of ids) given.

    The file belongs beside the code that uses the servers; `mcp diff` compares with it.

    \b
    Example:
      bartizan mcp pin github --pins ci/mcp.pins.json
    """
    with opened(url) as store:
        chosen = _servers(store, server)
    held = _read(pins) if pins.exists() else {}
    for asset in chosen:
        held[asset.id] = {"name": asset.name, "where": str(asset.location), "offer": asset.properties["offer"]}
    _write(pins, held)
    say(f"{len(chosen)} servers pinned in {pins}.")


@command.command("diff")
@click.argument("server", nargs=-1)
@pins_option
@packs_option
@store_option
def diff(server: tuple[str, ...], pins: Path, packs: tuple[str, ...], url: str | None) -> int:
    """Show what the servers offer now, as last seen, and did not when they were pinned. Exit code 1 when any widens
    or steers.

    \b
    Example:
      bartizan scan ~/.cursor --run-stdio-servers && bartizan mcp diff
    """
    from bartizan.correlate.offers import Meaning, OfferComparer
    from bartizan.rules.library import Library
    from bartizan.rules.mcp import offer_facts

    held = _read(pins)
    with opened(url) as store:
        chosen = _servers(store, server)
    comparer = OfferComparer(offer_facts(Library(packs)))
    worst = changed = 0
    for asset in chosen:
        if asset.id not in held:
            say(f"{asset.name} ({asset.location}) is not pinned")
            continue
        for change in comparer.changes(held[asset.id]["offer"], asset.properties["offer"]):
            changed += 1
            worst += change.meaning is not Meaning.COSMETIC
            say(f"{asset.name} {change.kind} {change.name} {change.how}: {change.meaning}, {change.why}")
            for line in change.diff.split("\n"):
                say(f"    {line}")
    if not changed:
        say(f"{len(chosen)} servers, nothing changed.")
    return 1 if worst else 0


def _servers(store: Store, wanted: tuple[str, ...]) -> list[Asset]:
    """Servers whose offer is known. Raises UsageError when a name fits none."""
    from bartizan.model.asset import AssetKind
    from bartizan.model.errors import UsageError

    known = [
        asset
        for _, asset in sorted(store.inventory().assets.items())
        if asset.kind is AssetKind.MCP_SERVER and isinstance(asset.properties.get("offer"), dict)
    ]
    for name in wanted:
        if not any(name == asset.name or asset.id.startswith(name) for asset in known):
            raise UsageError(
                f"no MCP server {name!r} whose offer is known", "scan it first; see `bartizan assets list`"
            )
    if not known:
        raise UsageError("the store knows no MCP server's offer", "scan a live server or a listing first")
    return [a for a in known if not wanted or any(name == a.name or a.id.startswith(name) for name in wanted)]


def _read(path: Path) -> dict[str, Any]:
    """The pins by asset id. Raises UsageError when the file is none of ours."""
    import json

    from bartizan.model.errors import UsageError

    try:
        held = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path}: {(error.strerror or str(error)).lower()}", "write it with `bartizan mcp pin`"
        ) from None
    except ValueError:
        raise UsageError(f"{path}: not JSON") from None
    servers = held.get("servers") if isinstance(held, dict) else None
    good = isinstance(servers, dict) and all(
        isinstance(entry, dict) and isinstance(entry.get("offer"), dict) for entry in servers.values()
    )
    if not good or not isinstance(servers, dict):
        raise UsageError(f"{path}: not a pin file")
    return servers


def _write(path: Path, held: dict[str, Any]) -> None:
    """Sorted, so that a pin file changes only where a server did. Raises UsageError."""
    import json

    from bartizan.model.errors import UsageError

    text = json.dumps({"schema": "bartizan-mcp-pins/1", "servers": held}, indent=1, sort_keys=True) + "\n"
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from None
