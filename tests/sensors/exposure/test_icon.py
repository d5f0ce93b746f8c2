"""MurmurHash3 against its published test vectors."""

from __future__ import annotations

import pytest

from bartizan.sensors.exposure.icon import murmur3


@pytest.mark.parametrize(
    ("data", "seed", "value"),
    [
        (b"", 0, 0),
        (b"", 1, 0x514E28B7),
        (b"", 0xFFFFFFFF, 0x81F16F39 - (1 << 32)),
        (b"\xff\xff\xff\xff", 0, 0x76293B50),
        (b"\x21\x43\x65\x87", 0, 0xF55B516B - (1 << 32)),
        (b"\x21\x43\x65", 0, 0x7E4A8634),
        (b"\x21\x43", 0, 0xA0F7B07A - (1 << 32)),
        (b"\x21", 0, 0x72661CF4),
        (b"Hello, world!", 0x9747B28C, 0x24884CBA),
    ],
)
def test_published_vectors(data: bytes, seed: int, value: int) -> None:
    assert murmur3(data, seed) == value
