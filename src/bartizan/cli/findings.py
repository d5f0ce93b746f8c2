"""`bartizan findings`."""

from __future__ import annotations

import getpass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import click

from bartizan.cli.options import SEVERITIES
from bartizan.cli.stored import (
    full_id,
    opened,
    packs_option,
    say,
    scan_option,
    store_option,
    stored_result,
    write_as,
)

if TYPE_CHECKING:
    from bartizan.model.finding import Finding


@click.group("findings")
def command() -> None:
    """List, show and accept what is wrong.

    \b
    Example:
      bartizan findings list --severity high
      bartizan findings show 3f9a
      bartizan findings accept 3f9a --reason "test key, rotated daily" --until 2027-01-31
    """


@command.command("list")
@click.option("--severity", type=click.Choice(SEVERITIES), default="info", help="So severe or worse.")
@click.option("--rule", default="*", metavar="PATTERN", help="Only rules that fit, such as 'secrets/*'.")
@click.option("--accepted/--no-accepted", default=True, help="Accepted ones too (they come last).")
@click.option("--format", "form", default="", metavar="NAME", help="A format of `bartizan scan` (default: a list).")
@scan_option
@store_option
@packs_option
def list_findings(
    severity: str, rule: str, accepted: bool, form: str, scan: str, url: str | None, packs: tuple[str, ...]
) -> None:
    """List findings, the most urgent first.

    \b
    Example:
      bartizan findings list --rule 'exposure/*' --format json
    """
    from bartizan.model.severity import Severity
    from bartizan.report.format import format_named
    from bartizan.report.stored import narrowed
    from bartizan.report.table import aligned, where
    from bartizan.report.wording import one_line, shortened

    if form:
        format_named(form)
    with opened(url) as store:
        result = narrowed(
            stored_result(store, scan, packs),
            lambda entry: (
                entry.finding.severity.at_least(Severity(severity))
                and fnmatchcase(entry.finding.rule, rule)
                and (accepted or entry.accepted is None)
            ),
        )
        seen = store.seen(result.inventory.findings) if not form else {}
    if form:
        write_as(result, form)
        return
    rows = [("ID", "RISK", "SEVERITY", "RULE", "WHERE", "SINCE", "")]
    for entry in result.findings:
        since = seen[entry.id].first[:10] if entry.id in seen else ""
        place = shortened(one_line(where(entry)), 60)
        mark = "accepted" if entry.accepted else ""
        risk, severe = f"{entry.risk.value:.1f}", entry.finding.severity.value
        rows.append((entry.id[:12], risk, severe, one_line(entry.finding.rule), place, since, mark))
    for line in aligned(rows, right=(1,)) if result.findings else ("No finding fits.",):
        say(line)


@command.command("show")
@click.argument("finding")
@store_option
@packs_option
def show(finding: str, url: str | None, packs: tuple[str, ...]) -> None:
    """Show one finding with all its evidence; FINDING is the beginning of its id.

    \b
    Example:
      bartizan findings show 3f9a
    """
    from bartizan.model.finding import Finding

    with opened(url) as store:
        key = full_id(store, Finding, finding)
        found, seen = store.finding(key), store.seen([key])[key]
        asset = store.asset(found.asset) if found else None
        accepted = next((kept for kept in store.acceptances() if kept.finding == key), None)
        is_open = key in store.inventory().findings
    if found is None:
        return
    say(f"{found.title}")
    say(f"  rule        {found.rule}")
    say(f"  severity    {found.severity}, {found.confidence}")
    say(f"  where       {found.location}")
    say(f"  asset       {f'{asset.kind} {asset.name}' if asset else found.asset}")
    say(f"  seen        first {seen.first[:19]}, last {seen.last[:19]}{'' if is_open else ': no longer there'}")
    if accepted:
        end = f" until {accepted.until}" if accepted.until else ""
        say(f"  accepted    {accepted.reason}{f' ({accepted.by})' if accepted.by else ''}{end}")
    _say_rest(found, packs)
    say(f"  id          {key}")


def _say_rest(found: Finding, packs: tuple[str, ...]) -> None:
    from bartizan.rules.library import Library

    for piece in found.evidence:
        say(f"  evidence    {piece.summary}")
        for line in piece.detail.splitlines():
            say(f"              {line}")
    rule = Library(packs).rules().get(found.rule)
    texts = {
        "why": rule.why if rule else "",
        "fix": found.remediation,
        "frameworks": ", ".join(found.frameworks),
        "references": " ".join(found.references),
    }
    for name, text in texts.items():
        for number, line in enumerate(text.splitlines()):
            say(f"  {name if not number else '':<10}  {line}")


@command.command("accept")
@click.argument("findings", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why it may stay.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which it may; default: for good.")
@click.option("--by", default="", metavar="NAME", help="Who decides; default: the user's name on this machine.")
@store_option
def accept(findings: tuple[str, ...], reason: str, until: datetime | None, by: str, url: str | None) -> None:
    """Accept FINDINGS (beginnings of ids): they are still reported, and no longer fail a scan.

    \b
    Example:
      bartizan findings accept 3f9a --reason "sandbox, no data" --until 2027-01-31 --by ada
    """
    from bartizan.model.errors import UsageError
    from bartizan.model.finding import Finding
    from bartizan.model.scan import now

    if not reason.strip():
        raise UsageError("an acceptance needs a reason")
    end = until.date() if until else None
    if end and end < now().date():
        raise UsageError(f"{end} is past: an acceptance cannot end before it begins")
    with opened(url) as store:
        keys = [full_id(store, Finding, finding) for finding in findings]
        for key in keys:
            store.accept(key, reason.strip(), end, by or _user())
    for key in keys:
        say(f"accepted {key}{f' until {end}' if end else ''}")


@command.command("withdraw")
@click.argument("findings", nargs=-1, required=True)
@store_option
def withdraw(findings: tuple[str, ...], url: str | None) -> None:
    """Take acceptances back; FINDINGS are beginnings of ids.

    \b
    Example:
      bartizan findings withdraw 3f9a
    """
    from bartizan.model.errors import UsageError

    with opened(url) as store:
        accepted = [kept.finding for kept in store.acceptances()]
        for prefix in findings:
            fitting = [key for key in accepted if key.startswith(prefix.lower())]
            if len(fitting) != 1:
                raise UsageError(f"{'several' if fitting else 'no'} acceptances begin with {prefix!r}")
            store.withdraw(fitting[0])
            say(f"withdrawn {fitting[0]}")


@command.command("accepted")
@store_option
def accepted_findings(url: str | None) -> None:
    """List acceptances, with those that expired or are not needed any more.

    \b
    Example:
      bartizan findings accepted
    """
    from bartizan.model.scan import now
    from bartizan.report.table import aligned
    from bartizan.report.wording import one_line
    from bartizan.triage.acceptance import sort_acceptances

    with opened(url) as store:
        kept = store.acceptances()
        standing = sort_acceptances(kept, store.inventory().findings, now().date())
    rows = [("ID", "STATE", "UNTIL", "BY", "REASON")]
    for each in kept:
        state = "expired" if each in standing.expired else "unused" if each in standing.unused else "in force"
        rows.append((each.finding[:12], state, str(each.until or ""), one_line(each.by), one_line(each.reason)))
    for line in aligned(rows) if kept else ("Nothing is accepted.",):
        say(line)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return ""
