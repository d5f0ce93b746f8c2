"""Affected, not affected, or undecided because: three answers, no guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from bartizan.intel.advisory import Affected
from bartizan.intel.version import Reading, read_version

_CONSTRAINT = re.compile(r"(>=|<=|==|!=|>|<|=)\s*(\S.*)")
_OPERATORS: dict[str, Any] = {">=": ge, "<=": le, ">": gt, "<": lt, "==": eq, "=": eq, "!=": ne}


class Answer(StrEnum):
    """What matching a version against an advisory gives."""

    AFFECTED = "affected"
    NOT_AFFECTED = "not affected"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer; `reason` says why it is undecided, in a few words."""

    answer: Answer
    reason: str = ""
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """What is known of one installation's release.

    `scheme`, `split` and `same` are those of its component or ecosystem (see `Component`). `is_open` tells
    whether it answers without authentication; None when that is not known. `foreign` says in a few words why the
    number is not the product's own.
    """

    version: str
    scheme: str
    split: int = 0
    same: tuple[str, ...] = ()
    is_open: bool | None = None
    foreign: str = ""


def judge(release: Release, affected: Iterable[Affected]) -> Verdict:
    """The verdict over all entries of one advisory that concern the release: affected by one is affected."""
    verdicts = [_judge_one(release, entry) for entry in affected]
    for answer in (Answer.AFFECTED, Answer.UNDECIDED):
        for verdict in verdicts:
            if verdict.answer is answer:
                return verdict
    return Verdict(Answer.NOT_AFFECTED)


def _judge_one(release: Release, entry: Affected) -> Verdict:
    if entry.only_open and not entry.spans:
        if release.is_open is None:
            return Verdict(Answer.UNDECIDED, "whether it asks for authentication is not known")
        return Verdict(Answer.AFFECTED if release.is_open else Answer.NOT_AFFECTED)
    if release.foreign:
        return Verdict(Answer.UNDECIDED, release.foreign)
    if not release.version:
        return Verdict(Answer.UNDECIDED, "no version")
    reading = read_version(release.version, release.scheme, release.same)
    if reading is None:
        return Verdict(Answer.UNDECIDED, "the version cannot be read")
    if reading.nameless:
        return Verdict(Answer.UNDECIDED, "a build without a release number")
    if not entry.spans and not entry.versions:
        return Verdict(Answer.UNDECIDED, entry.unclear or "the affected range is not known")
    return _weighed(release, reading, entry)


def _weighed(release: Release, reading: Reading, entry: Affected) -> Verdict:
    listed = any(_same(reading, read_version(known, release.scheme, release.same)) for known in entry.versions)
    holds = [True] if listed else [_span_holds(release, reading, span) for span in entry.spans]
    if True in holds:
        if reading.doubt:
            return Verdict(Answer.UNDECIDED, reading.doubt)
        return Verdict(Answer.AFFECTED, fixed=entry.fixed)
    if None in holds or entry.unclear:
        return Verdict(Answer.UNDECIDED, entry.unclear or "the advisory counts by another kind of version")
    return Verdict(Answer.NOT_AFFECTED)


def _span_holds(release: Release, reading: Reading, span: tuple[str, ...]) -> bool | None:
    """Kleene's three-valued `and` over the constraints; an empty span holds for every version."""
    answers = [_holds(release, reading, constraint) for constraint in span]
    return False if False in answers else None if None in answers else True


def _holds(release: Release, reading: Reading, constraint: str) -> bool | None:
    match = _CONSTRAINT.fullmatch(constraint)
    if not match:
        return None
    if match.group(2) == "0" and match.group(1) in (">", ">="):
        return True
    bound = read_version(match.group(2), release.scheme, release.same)
    if bound is None or bound.doubt:
        return None
    if release.split and (bound.first < release.split) != (reading.first < release.split) and bound.first:
        return None
    return bool(_OPERATORS[match.group(1)](reading.key, bound.key))


def _same(reading: Reading, other: Reading | None) -> bool:
    return other is not None and other.key == reading.key
