from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from bartizan.rules.credential import Issuer, Kind
from bartizan.sensors.secrets import base64run, escapes, joined
from bartizan.sensors.secrets.literal import Literal, literals, standing, wide_literals
from bartizan.sensors.secrets.scanner import LinearScanner, VectorScanner
from bartizan.sensors.secrets.vocabulary import word_finder
from tests.sensors.secrets.conftest import ANTHROPIC, GROQ, OPENAI, fake

pytest.importorskip("hyperscan")
GATES = (*base64run.GATES, *base64run.SHORT_GATES, *joined.GATES, *joined.LIST_GATES, *escapes.GATES)
TAILS = "key|api|token"


def _kinds(library: Any) -> list[Kind]:
    return [kind for issuer in library.sheets(Issuer) for kind in issuer.rules]


@pytest.fixture(scope="module")
def table(library: Any) -> Any:
    return literals(_kinds(library), TAILS)


def _texts(table: Any) -> Any:
    source = random.Random(7)
    words = sorted({word for literal in table if not literal.width for kind in literal.kinds for word in kind.words})
    yield b""
    yield source.randbytes(20_000)
    yield b"sk-sk-sk-sk-proj-sk-ant-api03-" * 40
    yield "\n".join(fake(marks, str(n)) for n in range(9) for marks in (OPENAI, ANTHROPIC, GROQ)).encode()
    mixed = [
        source.choice(["", "x", "my_"])
        + source.choice([str.upper, str.title, str.lower])(source.choice(words)).replace("_", source.choice("_- ."))
        + source.choice(["", "Key", "_key", "key", "s"])
        for _ in range(400)
    ]
    yield " ".join(mixed).encode("latin-1")
    yield Path(__file__).read_bytes() * 3


def test_both_engines_find_the_same(table: Any) -> None:
    fast, slow = VectorScanner(table, "test"), LinearScanner(table)
    total = 0
    for text in _texts(table):
        hits, slower = set(fast.scan(text)), set(slow.scan(text))
        # A word before a capital and before a tail at once (`falKey`) ends twice for the one engine: a few bytes of
        # the neighbourhood that is searched anyway.
        assert slower <= hits
        for number, end in hits - slower:
            assert not table[number].width
            assert any((number, other) in slower for other in range(end - 12, end + 13))
        total += len(hits)
    assert total > 100


def test_both_engines_open_the_same_gates() -> None:
    gates = [Literal(gate, ()) for gate in GATES]
    fast, slow = VectorScanner(gates, "gates"), LinearScanner(gates)
    samples = [
        b'"abc" +\n  "def"',
        b"x=eyJ" + b"hb" * 40,
        b"%5F%2D",
        b"\\u0041",
        b"kind: Secret",
        b"Basic " + b"dXNl" * 5,
        b'x.join( ["a"])',
    ]
    opened = set()
    for text in (*samples, b"\n".join(samples)):
        one = fast.scan(text)
        assert one == slow.scan(text)
        opened |= {number for number, _ in one}
    assert len(opened) >= 7


@pytest.mark.parametrize("lead", [b"", b"\n", b"A" * 39 + b" ", b"A" * 40, b"."])
def test_both_engines_find_the_first_run(lead: Any) -> None:
    runs = [Literal(base64run.RUN, ())]
    text = lead + b"B" * 50 + b" " + b"C" * 50
    end = VectorScanner(runs, "runs").first(text)
    assert end == LinearScanner(runs).first(text) == 40 + (0 if lead.endswith(b"A") else len(lead))
    assert VectorScanner(runs, "runs").first(b"x" * 39) == LinearScanner(runs).first(b"x" * 39) == 0


def test_both_engines_see_wide_text(library: Any) -> None:
    wide = wide_literals(_kinds(library))
    for text in ("COHERE_API_KEY", "together ai", fake(ANTHROPIC), "nothing", "x" * 90):
        for encoding in ("utf-16-le", "utf-16-be"):
            data = b"\x90\x91" + text.encode(encoding) + b"\xff"
            assert bool(VectorScanner(wide, "wide").scan(data)) is bool(LinearScanner(wide).scan(data))
            assert bool(LinearScanner(wide).scan(data)) is (text not in ("nothing", "x" * 90))


STANDING = ("FAL_KEY", "fal.ai", "myFalKey", "falkey", "X-Fal-Token", "fal")


@pytest.mark.parametrize("text", [*STANDING, "False", "default", "FALSE", "fallback", "xfal"])
def test_a_word_is_seen_where_the_vocabulary_sees_it(text: Any) -> None:
    word = word_finder(("fal",), TAILS)
    assert word is not None
    seen = LinearScanner([Literal(standing("fal", TAILS), ())]).scan(text.encode())
    assert bool(seen) is bool(word.search(text.encode())) is (text in STANDING)


def test_the_database_is_kept_and_a_broken_one_made_anew(table: Any, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    text = fake(GROQ).encode()
    first = VectorScanner(table, "kept").scan(text)
    [kept] = tmp_path.glob("bartizan/kept-*.hs")
    kept.write_bytes(kept.read_bytes()[:1000])
    assert VectorScanner(table, "kept").scan(text) == first
    assert first


def test_a_part_of_a_buffer_can_be_searched(table: Any) -> None:
    value = fake(GROQ).encode()
    assert VectorScanner(table, "test").scan(memoryview(b"123" + value)[3:]) == VectorScanner(table, "test").scan(value)
