"""What tools can do: the table fits the lists of words, and hints and addresses count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.rules.ability import ABILITIES
from bartizan.rules.library import Library
from bartizan.rules.mcp import offer_facts

READ = offer_facts(Library()).abilities
LABELLED = Path(__file__).parents[2] / "benchmarks/abilities/tools.txt"


def test_the_table_still_fits_what_it_was_learnt_from() -> None:
    """Whoever changes the lists of words without learning anew breaks this."""
    found, missed, false, other = [0] * 5, [0] * 5, [0] * 5, [0] * 5
    for line in LABELLED.read_text("utf-8").splitlines()[1:]:
        _, name, text, parameters, label = line.split("|")
        able = READ.of(name, text, [word for word in parameters.split(",") if word], {})
        for place, letter in enumerate("UPXWE"):
            if letter.lower() not in label:
                outcomes = (missed, found) if letter in label else (other, false)
                outcomes[ABILITIES[place] in able][place] += 1
    for place in range(5):
        assert found[place] / (found[place] + missed[place]) > 0.93, ABILITIES[place]
        assert false[place] / (false[place] + other[place]) < 0.02, ABILITIES[place]


@pytest.mark.parametrize(
    ("name", "text", "parameters", "able"),
    [
        ("wish_list", "Wishes that pilgrims wrote into the visitors' book.", (), {"untrusted"}),
        ("ledger_lines", "Returns the booking lines of a bank account.", ("iban",), {"private"}),
        ("notify_customer", "Sends an e-mail to the customer.", ("to", "body"), {"external"}),
        ("drop_partition", "Drops a partition of the table.", ("name",), {"write"}),
        ("run_on_host", "Runs a shell command on the host.", ("command",), {"execute"}),
        ("open_page", "Opens a web page and returns its text.", ("url",), {"untrusted", "external"}),
        ("inches", "Converts inches to centimetres.", ("value",), set()),
        ("readBewertungen", "Liest Bewertungen, die Gäste geschrieben haben.", (), {"untrusted"}),
    ],
)
def test_readings(name: str, text: str, parameters: tuple[str, ...], able: set[str]) -> None:
    assert READ.of(name, text, parameters, {}) == able


def test_hints_take_abilities_back() -> None:
    drop = ("drop_table", "Drops a table.", ("name",))
    assert "write" in READ.of(*drop, {})
    assert "write" not in READ.of(*drop, {"readOnlyHint": True})
    page = ("open_page", "Opens a web page and returns its text.", ("url",))
    assert not READ.of(*page, {"openWorldHint": False})


@given(st.text(max_size=80), st.text(max_size=400), st.lists(st.text(max_size=20), max_size=20), st.booleans())
def test_any_tool_is_read(name: str, text: str, parameters: list[str], hint: Any) -> None:
    assert READ.of(name, text, parameters, {"readOnlyHint": hint}) <= set(ABILITIES)
