"""`bartizan scan`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bartizan.cli.options import shared


@click.command("scan")
@click.argument("targets", nargs=-1)
@shared
@click.option("--targets-from", multiple=True, metavar="FILE", help="Further targets, one a line; - for stdin.")
@click.option("--ports", default="ai", metavar="PROFILE", help="ai, top, all, or a list such as 80,8000-8100.")
@click.option("--deep", is_flag=True, help="Ask services more than the usual few questions.")
@click.option("--no-history", is_flag=True, help="Leave git history unopened.")
@click.option("--staged", is_flag=True, help="Only what is staged for the next commit.")
@click.option("--since", default="", metavar="REV", help="Only what was added since that revision.")
@click.option("--all", "show_all", is_flag=True, help="Also show what was dropped as harmless, and why.")
@click.option("--run-stdio-servers", is_flag=True, help="Start the MCP servers that configurations name.")
def command(targets: tuple[str, ...], **options: Any) -> int:
    """Scan TARGETS of any kind: folders, files, repositories, hosts, networks, URLs.

    Without targets: this folder, this machine's AI clients and its listening services.

    \b
    Example:
      bartizan scan ./repo --fail-on high
      bartizan scan 127.0.0.1:8000 --format json
      bartizan scan 10.20.0.0/24 --scope scope.yaml --output report.html --output results.sarif
    """
    from bartizan.cli.session import run

    return run(request_from(targets, options), options)


def request_from(targets: tuple[str, ...], options: dict[str, Any]) -> Any:
    """What the options ask for, as the scan room understands it."""
    from bartizan.model.settings import Settings
    from bartizan.scan.fingerprint import fingerprint_key
    from bartizan.scan.request import Request

    settings = Settings(
        fingerprint_key=fingerprint_key(),
        show_all=options["show_all"],
        deep=options["deep"],
        run_stdio_servers=options["run_stdio_servers"],
        history=not options["no_history"],
        packs=tuple(str(Path(pack).absolute()) for pack in options["packs"]),
        ports=options["ports"],
        staged=options["staged"],
        since=options["since"],
    )
    return Request(
        targets=targets,
        lists=options["targets_from"],
        settings=settings,
        scope=options["scope"],
        only=options["only"],
        skip=options["skip"],
        engine=options["engine"],
        jobs=options["jobs"] or 0,
        store=options["store"],
        no_store=options["no_store"],
    )
