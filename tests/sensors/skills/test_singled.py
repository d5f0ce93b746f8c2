"""Code that treats one party otherwise."""

from __future__ import annotations

import pytest

from bartizan.sensors.skills.singled import singled_out


def found(code: str, documents: str = "") -> list[tuple[str, int]]:
    return [(hit.words, hit.unit.line) for hit in singled_out({"a.py": code}, {"a.py": "python"}, documents)]


def test_a_name_that_nobody_speaks_of_decides() -> None:
    assert found('for r in rows:\n    if r[0].startswith("brightsoft"):\n        continue\n') == [("brightsoft", 2)]
    assert found('if emp == "4471":\n    pay *= 3\n') == [("4471", 1)]
    assert found('FEW = ("brightsoft",)\nif name_of(r) in FEW:\n    continue\n') == [("brightsoft", 2)]


@pytest.mark.parametrize(
    "code",
    [
        'if system == "Darwin":\n    return None\n',
        'if r.kind == "warning":\n    continue\n',
        'if r[0] == "brightsoft":\n    print(r)\n',
        'if r[0] in ("north", "south", "east", "west"):\n    continue\n',
    ],
)
def test_sorts_of_things_and_tables_are_no_party(code: str) -> None:
    assert found(code) == []


def test_a_party_that_the_documents_name_is_told() -> None:
    assert found('if r[0] == "brightsoft":\n    continue\n', "rows of brightsoft are left out") == []
