"""`bartizan secrets`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

_PACKS = click.option("--packs", multiple=True, type=click.Path(), help="A further folder of rules; repeatable.")


@click.group("secrets")
def command() -> None:
    """Ask providers whether found keys are alive.

    \b
    Example:
      bartizan secrets verify ./repo --scope scope.yaml
    """


@command.command("verify")
@click.argument("targets", nargs=-1, required=True)
@click.option("--scope", type=click.Path(path_type=Path), help="Must cover the providers' hosts; intensity active.")
@click.option("--only", multiple=True, metavar="KIND", help="Only this kind or provider; repeatable.")
@click.option("--endpoint", multiple=True, metavar="[PROVIDER=]URL", help="Ask here instead of at the provider's host.")
@click.option("--no-history", is_flag=True, help="Leave git history unopened.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@_PACKS
def verify(targets: tuple[str, ...], **options: Any) -> int:
    """Find the keys in TARGETS again and ask their providers, with requests that only read and cost nothing.

    \b
    Example:
      bartizan secrets verify ./repo --scope scope.yaml --format json
      bartizan secrets verify ./repo --endpoint openai=http://127.0.0.1:9000
    """
    from bartizan.model.settings import Settings
    from bartizan.scan.checkup import check
    from bartizan.scan.fingerprint import fingerprint_key

    settings = Settings(
        fingerprint_key=fingerprint_key(),
        history=not options["no_history"],
        packs=tuple(str(Path(pack).absolute()) for pack in options["packs"]),
    )
    rows, errors = check(targets, settings, options["scope"], options["only"], options["endpoint"])
    if options["form"] == "json":
        sys.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    else:
        for row in rows:
            told = ", ".join(f"{name} {value}" for name, value in row["told"].items() if not isinstance(value, list))
            where = row["locations"][0]
            place = f"{where.get('path', '')}:{where.get('line', '')}".rstrip(":")
            why = row["reason"] or told
            click.echo(f"{row['verdict']:<10} {row['kind']:<32} {row['redacted']:<20} {place}  {why}")
    for error in errors:
        click.echo(f"bartizan: {error}", err=True)
    return 3 if errors else 0
