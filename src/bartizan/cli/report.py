"""`bartizan report`."""

from __future__ import annotations

from pathlib import Path

import click

from bartizan.cli.stored import opened, packs_option, scan_option, store_option, stored_result, write_as


@click.command("report")
@click.option("--output", "-o", multiple=True, metavar="FILE", help="Write a report; the suffix names the format.")
@click.option("--format", "form", default="", metavar="NAME", help="Format on stdout (default: a table).")
@click.option("--baseline", type=click.Path(path_type=Path), help="A JSON result to compare with.")
@scan_option
@store_option
@packs_option
def command(
    output: tuple[str, ...], form: str, baseline: Path | None, scan: str, url: str | None, packs: tuple[str, ...]
) -> None:
    """Write reports from the store: the present state of all that was scanned, or one scan.

    \b
    Example:
      bartizan report --output audit.html --output audit.sarif
      bartizan report --scan last --format md
    """
    from bartizan.model.errors import UsageError
    from bartizan.report.format import format_named, format_of

    writers = [(Path(name), format_of(name).load()) for name in output]
    if form:
        format_named(form).load()
    with opened(url) as store:
        result = stored_result(store, scan, packs, baseline)
    for path, write in writers:
        try:
            with path.open("wb") as stream:
                write(result, stream)
        except OSError as error:
            raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if form or not writers:
        write_as(result, form or "table")
