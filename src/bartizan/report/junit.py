"""JUnit XML: a failing case for each finding, so that a CI server shows them as it shows tests."""

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
    total = len(result.findings)
    stream.write(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.write(f'<testsuites name="bartizan" tests="{max(total, 1)}" failures="{total}" errors="0">\n'.encode())
    if not total:
        stream.write(_suite("bartizan", 1, 0, result))
        stream.write(b'    <testcase classname="bartizan" name="no findings" time="0"/>\n  </testsuite>\n')
    for domain, members in groupby(sorted(result.findings, key=_domain), key=_domain):
        entries = list(members)
        stream.write(_suite(domain, len(entries), len(entries), result))
        stream.writelines(_case(entry) for entry in entries)
        stream.write(b"  </testsuite>\n")
    stream.write(b"</testsuites>\n")


def _domain(entry: Ranked) -> str:
    return entry.finding.rule.partition("/")[0]


def _suite(name: str, tests: int, failures: int, result: Result) -> bytes:
    started = f"{result.scan.started:%Y-%m-%dT%H:%M:%S}"
    counts = f'tests="{tests}" failures="{failures}" errors="0" skipped="0" time="0" timestamp="{started}"'
    return f"  <testsuite name={_attribute(name)} {counts}>\n".encode()


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
