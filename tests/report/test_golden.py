"""What each format made of the same result when somebody last looked at it.

`GOLDEN=renew pytest tests/report/test_golden.py` writes the files again: read the difference before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.report.format import FORMATS
from bartizan.report.result import Result

GOLDEN = Path(__file__).parent / "golden"
KEPT = [form for form in FORMATS if form.name not in ("html", "pdf")]


@pytest.mark.parametrize("form", KEPT, ids=lambda form: form.name)
def test_the_format_is_as_it_was(form: object, result: Result, written: Callable[[str, Result], bytes]) -> None:
    name, suffix = getattr(form, "name", ""), getattr(form, "suffix", "")
    file = GOLDEN / f"report{suffix}"
    made = written(name, result)
    if os.environ.get("GOLDEN") == "renew":
        file.write_bytes(made)
    assert made == file.read_bytes()
