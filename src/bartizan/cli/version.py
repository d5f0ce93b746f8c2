"""`bartizan version`."""

from __future__ import annotations

import click

from bartizan import __version__


@click.command("version")
def command() -> None:
    """Print the version and nothing else.

    \b
    Example:
      bartizan version
    """
    click.echo(__version__)
