"""How a secret is spoken of without being told."""

from __future__ import annotations

from hashlib import blake2b

from bartizan.model.identity import digest


def redact(value: bytes, start: int = 0) -> str:
    """The first and last few characters, at most a quarter of the value in all.

    `start` is the length of its public beginning, of which as much is shown as fits.
    """
    text = value.decode("latin-1").replace("\n", " ").replace("\r", " ")
    budget = len(text) // 4
    if budget < 2:
        return "***"
    tail = min(4, budget // 2)
    head = min(max(start + 2, 4), budget - tail)
    shown = text[:head] + "…" + text[-tail:]
    return "".join(char if char.isprintable() else "." for char in shown)


def fingerprint(value: bytes, key: bytes) -> str:
    """16 hexadecimal characters that only the holder of the key can make from the value."""
    return blake2b(value, digest_size=8, key=key[:64]).hexdigest()


def value_key(value: bytes) -> str:
    """What makes a credential itself: a digest of its value."""
    return digest("credential", value)
