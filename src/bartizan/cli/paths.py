"""`bartizan paths`."""

from __future__ import annotations

import sys

import click

from bartizan.cli.stored import opened, say, scan_option, store_option


@click.command("paths")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@scan_option
@store_option
def command(form: str, scan: str, url: str | None) -> None:
    """List the ways an attacker can go, the worst first, hop by hop.

    \b
    Example:
      bartizan paths --scan last
    """
    import msgspec

    from bartizan.report.document import encode, make_document
    from bartizan.report.stored import result_of

    with opened(url) as store:
        result = result_of(store, scan)
    if form == "json":
        sys.stdout.buffer.write(msgspec.json.format(encode(make_document(result).paths), indent=2) + b"\n")
        return
    assets = result.inventory.assets
    for path in result.paths:
        say(f"{path.risk:5.1f}  {path.title}")
        for step in path.steps:
            name = assets[step.asset].name if step.asset in assets else step.asset
            finding = f"  (finding {step.finding[:12]})" if step.finding else ""
            say(f"       -> {name}{f': {step.text}' if step.text else ''}{finding}")
    if not result.paths:
        say("No path is known.")
