"""A rule's cases hang on its matcher: with the matcher blanked, every case that must match fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bartizan.rules.case import read_cases
from bartizan.rules.credential import Issuer
from bartizan.rules.index import BUILT_IN, sheet_files
from bartizan.rules.library import Library
from bartizan.rules.product import Product
from bartizan.scan.trial import Trial

NOTHING = r"[^\s\S]"


def blank(sheet: Any) -> Any:
    """The sheet with every matcher emptied."""
    if isinstance(sheet, Issuer):
        return replace(sheet, rules=tuple(replace(kind, shape=NOTHING) for kind in sheet.rules))
    if isinstance(sheet, Product):
        return replace(sheet, marks=())
    return sheet


class Blanked(Library):
    """The built-in rules without their matchers."""

    def decoded(self, domain: str) -> tuple[Any, ...]:
        return tuple(blank(sheet) for sheet in super().decoded(domain))


@pytest.mark.parametrize("domain", ["secrets", "exposure"])
def test_no_case_matches_without_its_matcher(domain: str) -> None:
    trial = Trial(domain, Blanked())
    matched = []
    for _, path in sheet_files([BUILT_IN], domain):
        if not _has_cases(path):
            continue
        for name, cases in read_cases(path).items():
            matched += [f"{name}: {case.name}" for case in cases.must_match if name in trial.names(case)]
    assert matched == []


def _has_cases(path: Path) -> bool:
    return path.with_name(f"{path.stem}.cases.yaml").exists()
