"""JUnit XML: a failing case for each finding, so that a CI server shows them as it shows tests.

Two schemas are in use, of Ant and of Jenkins; what is written satisfies both.
"""

from __future__ import annotations

from itertools import groupby
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from bartizan.report.result import Result
from bartizan.report.table import where
from bartizan.report.wording import for_xml, one_line
from bartizan.triage.ranking import Ranked


def write(result: Result, stream: BinaryIO) -> None:
    """One suite for each domain; a passing case stands for a scan that found nothing."""
    stream.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n')
    domains = [
        (domain, list(members)) for domain, members in groupby(sorted(result.findings, key=_domain), key=_domain)
    ]
    for number, (domain, entries) in enumerate(domains):
        stream.write(_opening(domain, number, len(entries), len(entries), result))
        stream.writelines(_case(entry) for entry in entries)
        stream.write(_CLOSING)
    if not domains:
        stream.write(_opening("bartizan", 0, 1, 0, result))
        stream.write(b'    <testcase classname="bartizan" name="no findings" time="0"/>\n')
        stream.write(_CLOSING)
    stream.write(b"</testsuites>\n")


_CLOSING = b"    <system-out/>\n    <system-err/>\n  </testsuite>\n"


def _domain(entry: Ranked) -> str:
    return entry.finding.rule.partition("/")[0]


def _opening(name: str, number: int, tests: int, failures: int, result: Result) -> bytes:
    """With every part that Ant's schema demands; Jenkins' allows them."""
    started = f"{result.scan.started:%Y-%m-%dT%H:%M:%S}"
    attributes = f'package="bartizan" id="{number}" hostname="localhost" tests="{tests}" failures="{failures}"'
    version = f'<property name="version" value={_attribute(result.scan.version)}/>'
    return (
        f'  <testsuite name={_attribute(name)} {attributes} errors="0" time="0" timestamp="{started}">\n'
        f"    <properties>{version}</properties>\n"
    ).encode()


def _case(entry: Ranked) -> bytes:
    found = entry.finding
    place = where(entry)
    summary = found.evidence[0].summary if found.evidence else found.title
    lines = [f"{found.severity}, {found.confidence}, risk {entry.risk.value}", f"id: {entry.id}", f"where: {place}"]
    for piece in found.evidence:
        lines += [f"evidence: {piece.summary}", *(f"  {line}" for line in piece.detail.splitlines())]
    lines += [f"accepted: {entry.accepted.reason}"] if entry.accepted else []
    lines += [f"fix: {found.remediation}"] if found.remediation else []
    case = f"    <testcase classname={_attribute(found.rule)} name={_attribute(f'{found.rule} {place} {entry.id[:8]}')}"
    case += ' time="0">\n'
    case += f"      <failure message={_attribute(f'{found.title}: {summary}')} type={_attribute(found.rule)}>"
    case += escape(for_xml("\n".join(lines))) + "</failure>\n    </testcase>\n"
    return case.encode()


def _attribute(text: str) -> str:
    return quoteattr(for_xml(one_line(text)))
