"""What the commands about the store share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from bartizan.model.asset import Asset
    from bartizan.model.finding import Finding
    from bartizan.report.result import Result
    from bartizan.store.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])

store_option = click.option("--store", "url", metavar="URL", help="SQLite file or database URL (default: this user's).")
scan_option = click.option(
    "--scan", default="", metavar="ID", help="Only what this scan saw: the beginning of its id, or `last`."
)
packs_option = click.option("--packs", multiple=True, type=click.Path(), help="A further folder of rules; repeatable.")


@contextmanager
def opened(url: str | None) -> Iterator[Store]:
    """The store, open for the length of a command. A missing one is an error: there is nothing to tell of it."""
    from bartizan.store.store import open_store

    with open_store(url, create=False) as store:
        yield store


def stored_result(store: Store, scan: str, packs: tuple[str, ...] = (), baseline: Path | None = None) -> Result:
    """The result that a command works on. Raises UsageError."""
    from bartizan.report.stored import result_of
    from bartizan.rules.library import Library
    from bartizan.triage.baseline import read_baseline

    known = read_baseline(baseline) if baseline else None
    return result_of(store, scan, baseline=known, rules=Library(packs).rules())


def full_id(store: Store, kind: type[Asset] | type[Finding], prefix: str) -> str:
    """The one id that begins so. Raises UsageError when there is none, or more than one."""
    from bartizan.model.errors import UsageError

    word = kind.__name__.lower()
    found = store.ids(kind, prefix.strip().lower())
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"no {word} has an id that begins with {prefix!r}", f"see `bartizan {word}s list`")
    raise UsageError(f"{len(found)} {word}s have an id that begins with {prefix!r}", "give more of it")


def say(line: str = "") -> None:
    """One line on stdout, with whatever it may hold made harmless."""
    from bartizan.report.wording import one_line

    sys.stdout.buffer.write(one_line(line).encode() + b"\n")


def write_as(result: Result, name: str) -> None:
    """The result on stdout in that format. Raises UsageError for an unknown one."""
    from bartizan.report.format import format_named

    format_named(name).load()(result, sys.stdout.buffer)
    sys.stdout.buffer.flush()
