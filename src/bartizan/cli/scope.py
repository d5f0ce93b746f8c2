"""`bartizan scope`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bartizan.model.errors import ScopeError, UsageError


@click.group("scope")
def command() -> None:
    """Start or check the authorisation file.

    \b
    Example:
      bartizan scope init scope.yaml --authorised-by "Ada Example, CISO" --target 10.20.0.0/16
      bartizan scope check scope.yaml 10.20.1.7:8000
    """


@command.command("init")
@click.argument("file", type=click.Path(path_type=Path), default=Path("scope.yaml"))
@click.option("--authorised-by", default="", help="Who allows it: name and role.")
@click.option("--target", "targets", multiple=True, help="Host, *.domain, address, CIDR, host:port or URL.")
@click.option("--exclude", "exclude", multiple=True, help="What must not be touched although a target covers it.")
@click.option("--until", default="", help="Last day, YYYY-MM-DD (default: 30 days from now).")
def init(file: Path, authorised_by: str, targets: tuple[str, ...], exclude: tuple[str, ...], until: str) -> None:
    """Write a scope file to fill in, or a complete one from the options. `-` writes to stdout.

    \b
    Example:
      bartizan scope init scope.yaml --authorised-by "Ada Example, CISO" --target 10.20.0.0/16 --until 2027-01-31
    """
    from bartizan.scope.draft import draft

    text = draft(authorised_by, targets, exclude, until)
    if str(file) == "-":
        sys.stdout.write(text)
        return
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise UsageError(f"{file} exists already", "name another file, or remove it first") from None
    except OSError as error:
        raise UsageError(f"{file}: {(error.strerror or str(error)).lower()}") from None
    click.echo(f"wrote {file}", err=True)


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("targets", nargs=-1)
def check(file: Path, targets: tuple[str, ...]) -> int:
    """Check the file, and say of each TARGET whether it is covered. No packet is sent.

    \b
    Example:
      bartizan scope check scope.yaml inference.example.org https://10.20.1.7:8443
    """
    from bartizan.scope.authorisation import read_authorisation
    from bartizan.scope.guard import Guard
    from bartizan.scope.target import parse_target

    authorisation = read_authorisation(file)
    guard = Guard(authorisation)
    click.echo(f"authorised by {authorisation.authorised_by} until {authorisation.end.isoformat()}")
    click.echo(f"{len(authorisation.targets)} targets, {len(authorisation.exclude)} exclusions, ", nl=False)
    click.echo(f"intensity {authorisation.intensity}, {authorisation.rate.per_host:g} requests/s per host")
    code = 0
    try:
        guard.check_time()
    except ScopeError as error:
        click.echo(str(error))
        code = ScopeError.exit_code
    for text in targets:
        try:
            guard.admit(parse_target(text))
            click.echo(f"{text}: inside")
        except ScopeError as error:
            click.echo(f"{text}: outside ({error.what})")
            code = ScopeError.exit_code
    return code
