"""Affected, not affected, undecided because."""

from __future__ import annotations

import pytest

from bartizan.intel.advisory import Affected
from bartizan.intel.rangetext import read_range
from bartizan.intel.verdict import Answer, Release, judge


def entry(text: str, scheme: str = "semver", **more: object) -> Affected:
    spans, unclear = read_range(text, scheme, dated=bool(more.pop("dated", False)))
    return Affected(identity="product:x", spans=spans, unclear=unclear, **more)  # type: ignore[arg-type]


def answer(version: str, text: str, scheme: str = "semver", split: int = 0) -> Answer:
    return judge(Release(version, scheme, split), [entry(text, scheme)]).answer


@pytest.mark.parametrize(
    ("version", "text", "expected"),
    [
        ("0.1.33", "<0.1.34", Answer.AFFECTED),
        ("0.1.34", "<0.1.34", Answer.NOT_AFFECTED),
        ("0.1.34-rc1", "<0.1.34", Answer.AFFECTED),
        ("1.5", ">=1.0,<1.4 || >=1.5,<1.6", Answer.AFFECTED),
        ("1.4", "(>=1.0,<1.4) || (>=1.5,<1.6)", Answer.NOT_AFFECTED),
        ("2.28.0", "(<1.123.61) || (>=2.0.0,<2.27.4) || (==2.28.0)", Answer.AFFECTED),
        ("", "<2", Answer.UNDECIDED),
        ("latest", "<2", Answer.UNDECIDED),
        ("0.0.0", "<2", Answer.UNDECIDED),
        ("1.0", "<d257e5f36cfa9328600c8bde6f0de09a6ad9b6f4", Answer.UNDECIDED),
        ("1.0", "<=2026.04.08", Answer.UNDECIDED),
        ("1.0", ">=0", Answer.UNDECIDED),
        ("1.0", "<unknown", Answer.UNDECIDED),
        ("1.0", "<0.9 || <unknown", Answer.UNDECIDED),
        ("0.8", "<0.9 || <unknown", Answer.AFFECTED),
    ],
)
def test_verdicts(version: str, text: str, expected: Answer) -> None:
    assert answer(version, text) is expected


def test_two_series_of_one_product_are_never_compared() -> None:
    assert answer("2.60.0", "<26.03", split=10) is Answer.UNDECIDED
    assert answer("26.01", "<26.03", split=10) is Answer.AFFECTED
    assert answer("2.60.0", "<=2.69.0", split=10) is Answer.AFFECTED


def test_a_distribution_may_have_put_the_fix_in() -> None:
    verdict = judge(Release("3.0.3-1ubuntu2", "pep440"), [entry("<3.1.3", "pep440")])
    assert (verdict.answer, "distribution" in verdict.reason) == (Answer.UNDECIDED, True)
    assert judge(Release("3.1.4-1ubuntu2", "pep440"), [entry("<3.1.3", "pep440")]).answer is Answer.NOT_AFFECTED


def test_what_concerns_only_open_installations() -> None:
    affected = [Affected(identity="product:ray", only_open=True)]
    answers = [judge(Release("2.60.0", "pep440", is_open=is_open), affected).answer for is_open in (True, False, None)]
    assert answers == [Answer.AFFECTED, Answer.NOT_AFFECTED, Answer.UNDECIDED]


def test_listed_versions_stand_without_ranges() -> None:
    listed = [Affected(identity="pypi:x", versions=("1.0", "1.1.0"))]
    answers = [judge(Release(version, "pep440"), listed).answer for version in ("1.1", "1.2")]
    assert answers == [Answer.AFFECTED, Answer.NOT_AFFECTED]


def test_a_number_of_something_else_decides_nothing() -> None:
    release = Release("2.14.2", "pep440", foreign="the version shown is that of jupyter-server")
    assert judge(release, [entry("<4", "pep440")]).reason == "the version shown is that of jupyter-server"
