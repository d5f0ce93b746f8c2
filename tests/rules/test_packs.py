"""Every rule on its cases: the one test that runs them all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bartizan.model.errors import RuleError
from bartizan.rules.index import BUILT_IN, sheet_files
from bartizan.rules.library import Library
from bartizan.rules.sheet import sheet_type
from bartizan.scan.trial import CASELESS, Trial, case_names, try_sheet
from bartizan.syntax.strictyaml import read_yaml

SHEETS = [(domain, path) for domain, path in sheet_files([BUILT_IN]) if domain not in CASELESS]


@cache
def trial(domain: str) -> Trial:
    return Trial(domain, Library())


@pytest.mark.parametrize(("domain", "path"), SHEETS, ids=lambda value: value.stem if isinstance(value, Path) else value)
def test_cases_hold(domain: str, path: Path) -> None:
    names = case_names(read_yaml(path, sheet_type(domain), RuleError))
    if names:
        assert list(try_sheet(path, names, trial(domain))) == []


def test_rules_say_what_a_person_needs() -> None:
    library = Library()
    known = {entry.id for sheet in library.decoded("frameworks") for entry in sheet.entries}
    for rule in library.rules().values():
        assert rule.title, rule.id
        assert len(rule.why.split()) >= 5, f"{rule.id} does not say why it matters"
        assert len(rule.fix.split()) >= 2, f"{rule.id} does not say how to fix it"
        for framework in rule.frameworks:
            assert framework in known or framework.startswith("CWE-"), f"{rule.id}: unknown {framework}"
