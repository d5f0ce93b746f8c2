"""The favicon number that search engines use: MurmurHash3 (x86, 32 bit) of the base64 text, signed."""

from __future__ import annotations

from base64 import encodebytes
from functools import lru_cache

_MASK = 0xFFFFFFFF


@lru_cache(maxsize=256)
def icon_hash(image: bytes) -> int:
    """Hash of a picture as Shodan's `http.favicon.hash` gives it: over base64 with a line break every 76 characters."""
    return murmur3(encodebytes(image))


def murmur3(data: bytes, seed: int = 0) -> int:
    """MurmurHash3_x86_32 by Austin Appleby (public domain algorithm), as a signed number."""
    state = seed
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        state ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        state = (state << 13 | state >> 19) & _MASK
        state = (state * 5 + 0xE6546B64) & _MASK
    if len(data) > whole:
        state ^= _mixed(int.from_bytes(data[whole:], "little"))
    state ^= len(data)
    state = ((state ^ state >> 16) * 0x85EBCA6B) & _MASK
    state = ((state ^ state >> 13) * 0xC2B2AE35) & _MASK
    state ^= state >> 16
    return state - (1 << 32) if state >> 31 else state


def _mixed(block: int) -> int:
    block = (block * 0xCC9E2D51) & _MASK
    block = (block << 15 | block >> 17) & _MASK
    return (block * 0x1B873593) & _MASK
