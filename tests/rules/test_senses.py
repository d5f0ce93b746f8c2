"""Words by what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.rules.senses import SenseLists, Senses

SENSES = Senses(
    SenseLists(
        verbs={"send": ("send", "versend*")},
        things={"letter": ("letter", "почт*", "邮件"), "request": ("pull request", "story")},
        addresses=(),
    )
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("letters", {"letter"}),
        ("sending", {"send"}),
        ("sends", {"send"}),
        ("stories", {"request"}),
        ("versendet", {"send"}),
        ("почтовый", {"letter"}),
        ("读取邮件列表", {"letter"}),
        ("a pull request", {"request"}),
        ("pull the request", set()),
        ("se sender5", set()),
    ],
)
def test_forms(text: str, found: set[str]) -> None:
    assert {sense for _, senses in SENSES.read(text, 20) for sense in senses} == found


@given(st.text(max_size=300), st.integers(0, 30))
def test_any_text_is_read(text: str, most: int) -> None:
    assert len(SENSES.read(text.lower(), most)) <= most
