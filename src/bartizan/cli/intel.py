"""`bartizan intel`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

SHOWN = 20


@click.group("intel")
def command() -> None:
    """Show or update the vulnerability snapshot. Nothing is fetched unless you ask for it here.

    \b
    Example:
      bartizan intel status
      bartizan intel update /media/usb/intel
      bartizan intel update --add osv-pypi.zip --add known_exploited_vulnerabilities.json
    """


@command.command("status")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="Format on stdout.")
@click.option("--verify", is_flag=True, help="Read all of the snapshot in force and check its digests.")
def status(form: str, verify: bool) -> None:
    """Say which snapshot is in force, how old it is, who signed it, and which others are kept.

    \b
    Example:
      bartizan intel status --format json
    """
    from datetime import UTC, datetime

    from bartizan.intel.shelf import user_shelf
    from bartizan.intel.update import moment

    shelf = user_shelf()
    snapshot, complaints = shelf.current()
    if verify:
        snapshot.verify()
    for complaint in complaints:
        click.echo(f"bartizan: not used: {complaint}", err=True)
    age = (datetime.now(UTC) - moment(snapshot)).days
    facts = _facts(snapshot, age, len(shelf.kept()))
    if form == "json":
        sys.stdout.write(json.dumps(facts, indent=2) + "\n")
        return
    sys.stdout.write(f"{facts['advisories']} advisories, made {facts['created']} ({age} days ago)\n")
    sys.stdout.write(f"digest {facts['digest']}, signed by {facts['signed_by']}\n")
    for feed in facts["feeds"]:
        sys.stdout.write(
            f"  {feed['name']}: {feed['count']} records" + (f" of {feed['date']}\n" if feed["date"] else "\n")
        )
    if age > 7:
        sys.stdout.write("older than 7 days: run `bartizan intel update` with a mirror or a folder\n")


def _facts(snapshot: Any, age: int, kept: int) -> dict[str, Any]:
    manifest = snapshot.manifest
    return {
        "schema": manifest.schema,
        "created": manifest.created,
        "age_days": age,
        "advisories": manifest.count,
        "components": len(manifest.components),
        "digest": manifest.content,
        "signed_by": snapshot.key,
        "kept": kept,
        "feeds": [{"name": feed.name, "date": feed.date, "count": feed.count} for feed in manifest.feeds],
    }


@command.command("update")
@click.argument("places", nargs=-1)
@click.option(
    "--add", "feeds", multiple=True, type=click.Path(path_type=Path), help="OSV, GitHub, NVD, KEV or EPSS data."
)
@click.option("--allow-older", is_flag=True, help="Take a snapshot that is older than the one in force.")
@click.option("--store", default=None, metavar="URL", help="Store whose inventory is matched again.")
@click.option("--no-store", is_flag=True, help="Match no stored inventory again.")
def update(
    places: tuple[str, ...], feeds: tuple[Path, ...], allow_older: bool, store: str | None, no_store: bool
) -> None:
    """Take a newer snapshot from PLACES (folders or addresses; default: the configured mirrors).

    Its signature, schema and digests are checked before it is used, the last three are kept, and what was scanned
    before is matched again without a scan. With --add, feeds that you saved are put onto the snapshot in force.

    \b
    Example:
      bartizan intel update https://mirror.example.org/bartizan
      bartizan intel update --add epss_scores.csv.gz
    """
    from bartizan.intel.preferences import user_preferences
    from bartizan.intel.shelf import user_shelf
    from bartizan.intel.update import absorb
    from bartizan.intel.update import update as take

    shelf = user_shelf()
    preferences = user_preferences()
    if feeds:
        change, haul = absorb(shelf, feeds)
        for name in haul.skipped[:SHOWN]:
            click.echo(f"bartizan: not read, of no known form: {name}", err=True)
    else:
        networks = preferences.networks
        change = take(shelf, places or preferences.mirrors, networks=networks, allow_older=allow_older)
    _tell(change)
    if not no_store and not change.is_none:
        _match_again(store)


def _tell(change: Any) -> None:
    if change.is_none:
        sys.stdout.write("nothing changed\n")
        return
    for word, ids in (("added", change.added), ("changed", change.changed), ("removed", change.removed)):
        more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
        sys.stdout.write(f"{word} {len(ids)}" + (f": {', '.join(ids[:SHOWN])}{more}\n" if ids else "\n"))


def _match_again(url: str | None) -> None:
    from bartizan.rules.library import Library
    from bartizan.scan.rematch import rematch
    from bartizan.store.store import open_store

    with open_store(url) as store:
        done = rematch(store, Library())
    for word, findings in (("new", done.appeared), ("gone", done.gone)):
        for finding in findings[:SHOWN]:
            sys.stdout.write(f"{word}: {finding.severity} {finding.title} ({finding.location})\n")
        if len(findings) > SHOWN:
            sys.stdout.write(f"{word}: {len(findings) - SHOWN} more\n")
