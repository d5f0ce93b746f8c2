"""Options that `scan`, `logs` and `redteam` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

SEVERITIES = ["info", "low", "medium", "high", "critical"]

_SHARED = (
    click.option(
        "--scope", type=click.Path(path_type=Path), help="The written authorisation; not for files, loopback."
    ),
    click.option("--only", multiple=True, metavar="NAME", help="Only this domain or sensor; repeatable, commas."),
    click.option("--skip", multiple=True, metavar="NAME", help="Not this domain or sensor; repeatable, commas."),
    click.option("--output", "-o", multiple=True, metavar="FILE", help="Write a report; the suffix names the format."),
    click.option("--format", "form", default="", metavar="NAME", help="Format on stdout (default: a table)."),
    click.option("--fail-on", type=click.Choice(SEVERITIES), help="Exit 1 on findings this severe or worse."),
    click.option("--baseline", type=click.Path(path_type=Path), help="A JSON result; what it holds does not fail."),
    click.option("--store", metavar="URL", help="SQLite file or database URL (default: this user's)."),
    click.option("--no-store", is_flag=True, help="Keep nothing."),
    click.option("--engine", default="", metavar="URL", help="A Dask scheduler, tls://host:port."),
    click.option("--jobs", type=click.IntRange(1, 1024), help="Local processes (default: one a processor)."),
    click.option("--packs", multiple=True, type=click.Path(), help="A further folder of rules; repeatable."),
    click.option("--quiet", "-q", is_flag=True, help="No progress and no summary."),
    click.option("--verbose", "-v", is_flag=True, help="Say more on stderr."),
)


def shared(command: Command) -> Command:
    """Add the shared options to a command."""
    for option in reversed(_SHARED):
        command = option(command)
    return command
