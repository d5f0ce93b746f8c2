"""`bartizan lab`."""

from __future__ import annotations

from pathlib import Path

import click


@click.group("lab")
def command() -> None:
    """Start or stop a deliberately weak AI estate on loopback.

    \b
    Example:
      bartizan lab up
      bartizan scan --targets-from bartizan-lab/targets.txt
      bartizan lab down
    """


_folder = click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("bartizan-lab"), help="Where it lives."
)


@command.command("up")
@_folder
@click.option("--minutes", type=click.FloatRange(0.1, 10080), default=120, help="It ends by itself after so long.")
def up(folder: Path, minutes: float) -> None:
    """Start the lab and say where it listens.

    \b
    Example:
      bartizan lab up --minutes 30
    """
    from bartizan.lab.control import start

    state = start(folder.absolute(), minutes)
    click.echo("The lab is weak on purpose. It listens on 127.0.0.1 only; end it with `bartizan lab down`.")
    for name, url in state["services"].items():
        click.echo(f"  {name:<10} {url}")
    click.echo(f"  {'files':<10} {state['folder']}")
    click.echo(f"Scan it with: bartizan scan --targets-from {folder / 'targets.txt'}")


@command.command("down")
@_folder
def down(folder: Path) -> None:
    """End the lab and remove its folder.

    \b
    Example:
      bartizan lab down
    """
    from bartizan.lab.control import stop

    stop(folder.absolute())
    click.echo("The lab is down, and its folder is removed.")
