from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from bartizan.rules.credential import Issuer
from bartizan.sensors.secrets import base64run, escapes, joined, wide
from bartizan.sensors.secrets.literal import Literal, literals
from bartizan.sensors.secrets.scanner import LinearScanner, VectorScanner
from tests.sensors.secrets.conftest import ANTHROPIC, GROQ, OPENAI, fake

pytest.importorskip("hyperscan")
GATES = (*base64run.GATES, *base64run.SHORT_GATES, *joined.GATES, *escapes.GATES, *wide.GATES)


@pytest.fixture(scope="module")
def table(library: Any) -> Any:
    return literals([kind for issuer in library.sheets(Issuer) for kind in issuer.rules])


def _texts(table: Any) -> Any:
    source = random.Random(7)
    words = [literal.pattern for literal in table if literal.caseless]
    yield b""
    yield source.randbytes(20_000)
    yield b"sk-sk-sk-sk-proj-sk-ant-api03-" * 40
    yield "\n".join(fake(marks, str(n)) for n in range(9) for marks in (OPENAI, ANTHROPIC, GROQ)).encode()
    mixed = [source.choice(words).replace("[ _.\\-]?", source.choice(["_", "-", " ", "."])) for _ in range(300)]
    text = " ".join(mixed)
    yield text.encode().decode("unicode_escape").encode("latin-1")
    yield Path(__file__).read_bytes() * 3


def test_both_engines_find_the_same(table: Any) -> None:
    fast, slow = VectorScanner(table, "test"), LinearScanner(table)
    total = 0
    for text in _texts(table):
        hits = fast.scan(text)
        assert hits == slow.scan(text)
        total += len(hits)
    assert total > 100


def test_both_engines_open_the_same_gates() -> None:
    gates = [Literal(gate, ()) for gate in GATES]
    fast, slow = VectorScanner(gates, "gates", once=True), LinearScanner(gates, once=True)
    samples = [
        b'"abc" +\n  "def"',
        b"x" * 60,
        b"%5F%2D",
        b"\\u0041",
        b"a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0",
        b"kind: Secret",
        b'x.join( ["a"])',
    ]
    opened = set()
    for text in (*samples, b"\n".join(samples)):
        one = {number for number, _ in fast.scan(text)}
        assert one == {number for number, _ in slow.scan(text)}
        opened |= one
    assert len(opened) >= 7


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
