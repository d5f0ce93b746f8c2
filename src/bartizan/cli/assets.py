"""`bartizan assets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bartizan.cli.stored import full_id, opened, say, scan_option, store_option
from bartizan.model.asset import AssetKind

if TYPE_CHECKING:
    from bartizan.model.asset import Asset
    from bartizan.model.inventory import Inventory
    from bartizan.store.store import Seen

KINDS = [kind.value for kind in AssetKind]


@click.group("assets")
def command() -> None:
    """List and show what the store knows to exist.

    \b
    Example:
      bartizan assets list --kind ai-service
      bartizan assets show 3f9a
    """


@command.command("list")
@click.option("--kind", type=click.Choice(KINDS), multiple=True, help="Only this kind; repeatable.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@scan_option
@store_option
def list_assets(kind: tuple[str, ...], form: str, scan: str, url: str | None) -> None:
    """List assets by kind and name.

    \b
    Example:
      bartizan assets list --kind model-file --format json
    """
    from bartizan.report.stored import result_of

    with opened(url) as store:
        inventory = result_of(store, scan).inventory
        wanted = {key: asset for key, asset in inventory.assets.items() if not kind or asset.kind.value in kind}
        seen = store.seen(wanted)
    order = sorted(wanted, key=lambda key: (wanted[key].kind.value, wanted[key].name, key))
    if form == "json":
        _say_json([_plain(key, wanted[key], seen[key]) for key in order])
    elif order:
        _say_table([(key, wanted[key], seen[key]) for key in order], inventory)
    else:
        say("No asset fits.")


def _say_table(rows: list[tuple[str, Asset, Seen]], inventory: Inventory) -> None:
    from collections import Counter

    from bartizan.report.table import aligned
    from bartizan.report.wording import one_line, shortened

    counts = Counter(finding.asset for finding in inventory.findings.values())
    table = [("ID", "KIND", "NAME", "WHERE", "SINCE", "FINDINGS")]
    for key, asset, seen in rows:
        name, place = shortened(one_line(asset.name), 48), shortened(one_line(str(asset.location)), 60)
        table.append((key[:12], asset.kind.value, name, place, seen.first[:10], str(counts[key] or "")))
    for line in aligned(table, right=(5,)):
        say(line)


def _plain(key: str, asset: Asset, seen: Seen) -> dict[str, Any]:
    return {
        "id": key,
        "kind": asset.kind.value,
        "name": asset.name,
        "properties": dict(asset.properties),
        "location": asset.location.as_dict(),
        **({"locations": [place.as_dict() for place in asset.places()]} if asset.elsewhere else {}),
        "first_seen": seen.first,
        "last_seen": seen.last,
    }


def _say_json(value: Any) -> None:
    import sys

    import msgspec

    from bartizan.report.document import encode

    sys.stdout.buffer.write(msgspec.json.format(encode(value), indent=2) + b"\n")


@command.command("show")
@click.argument("asset")
@store_option
def show(asset: str, url: str | None) -> None:
    """Show one asset: what is known of it, what hangs on it, what is wrong with it. ASSET begins its id.

    \b
    Example:
      bartizan assets show 3f9a
    """
    from bartizan.model.asset import Asset

    with opened(url) as store:
        key = full_id(store, Asset, asset)
        found, seen, inventory = store.asset(key), store.seen([key])[key], store.inventory()
    if found is None:
        return
    say(f"{found.kind} {found.name}")
    gone = "" if key in inventory.assets else ": no longer there"
    say(f"  seen        first {seen.first[:19]}, last {seen.last[:19]}{gone}")
    for place in found.places()[:20]:
        say(f"  where       {place}")
    for name, value in sorted(found.properties.items()):
        say(f"  {name:<11} {value}")
    _say_neighbours(key, inventory)
    say(f"  id          {key}")


def _say_neighbours(key: str, inventory: Inventory) -> None:
    for edge in sorted(inventory.relations.values(), key=lambda edge: (edge.kind.value, edge.id)):
        if key in (edge.source, edge.target):
            other = edge.target if edge.source == key else edge.source
            known = inventory.assets.get(other)
            name = f"{known.kind} {known.name}" if known else other
            say(f"  relation    {f'{edge.kind} {name}' if edge.source == key else f'{name} {edge.kind} it'}")
    worst = sorted(inventory.findings.items(), key=lambda item: (-item[1].severity.rank, item[1].rule, item[0]))
    for identity, finding in worst:
        if finding.asset == key:
            say(f"  finding     {identity[:12]} {finding.severity} {finding.rule} {finding.location}")
