"""`bartizan rules`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from bartizan.model.errors import UsageError

_packs = click.option("--packs", multiple=True, type=click.Path(), help="A further folder of packs; repeatable.")


@click.group("rules")
def command() -> None:
    """List, show, test and start detection content.

    \b
    Example:
      bartizan rules list --format json
      bartizan rules show mcp/unpinned-package
      bartizan rules test --packs ./our-packs
    """


@command.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@click.option("--domain", default="", help="Only this domain.")
@_packs
def list_rules(form: str, domain: str, packs: tuple[str, ...]) -> None:
    """List every rule and every product.

    \b
    Example:
      bartizan rules list --domain exposure
    """
    rows = [row for row in _rows(packs) if domain in ("", row["domain"])]
    if not rows:
        raise UsageError(f"no domain is called {domain}", "see `bartizan rules list`")
    if form == "json":
        sys.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
        return
    for row in rows:
        click.echo(f"{row['id']:<48} {row['severity']:<9} {row['title']}")


@command.command("show")
@click.argument("rule")
@_packs
def show(rule: str, packs: tuple[str, ...]) -> None:
    """Show one rule: what it means, why it matters, what to do.

    \b
    Example:
      bartizan rules show secrets/openai-project
    """
    from bartizan.rules.library import Library

    found = Library(packs).rules().get(rule)
    if found is None:
        raise UsageError(f"no rule is called {rule}", "see `bartizan rules list`")
    click.echo(f"{found.id}  {found.title}")
    click.echo(f"severity {found.severity}, confidence {found.confidence}, {found.status} since {found.since}")
    click.echo(f"\nWhy:  {found.why.strip()}\nFix:  {found.fix.strip()}")
    if found.frameworks:
        click.echo(f"Maps: {', '.join(found.frameworks)}")
    for reference in found.references:
        click.echo(f"See:  {reference}")


@command.command("test")
@click.argument("domains", nargs=-1)
@_packs
def test(domains: tuple[str, ...], packs: tuple[str, ...]) -> int:
    """Run the cases beside the rules: all, of some DOMAINS, or with --packs those of your own packs.

    \b
    Example:
      bartizan rules test secrets
    """
    from bartizan.rules.library import Library
    from bartizan.scan.trial import try_packs

    library = Library(packs)
    for domain in domains:
        if domain not in library.domains:
            raise UsageError(f"no domain is called {domain}", f"known are {', '.join(library.domains)}")
    folders = tuple(Path(pack) for pack in packs) or library.folders
    count, complaints = try_packs(library, folders, domains)
    for complaint in complaints:
        click.echo(complaint, err=True)
    click.echo(f"{count} sheets tried, {len(complaints)} complaints")
    return 1 if complaints else 0


@command.command("new")
@click.argument("domain", type=click.Choice(["exposure"]))
@click.argument("name")
@click.option("--from", "url", required=True, help="URL of a running server, on loopback or inside the scope.")
@click.option("--scope", "scope", type=click.Path(path_type=Path), default=None, help="The authorisation file.")
@click.option("--into", type=click.Path(path_type=Path), default=Path("packs/exposure"), help="Folder to write to.")
def new(domain: str, name: str, url: str, scope: Path | None, into: Path) -> None:
    """Record the exchanges of a running server into a draft rule and its cases.

    \b
    Example:
      bartizan rules new exposure my-gateway --from http://127.0.0.1:4000 --into ./packs/exposure
    """
    from bartizan.scan.draft import draft_product

    for path in draft_product(name, url, scope, into):
        click.echo(f"wrote {path}", err=True)


def _rows(packs: tuple[str, ...]) -> list[dict[str, Any]]:
    """One object for each rule, and one for each product that has none of its own name."""
    from bartizan.rules.catalogue import catalogue
    from bartizan.rules.library import Library

    return catalogue(Library(packs))
