"""Content codings, undone within a limit."""

from __future__ import annotations

import zlib

GZIP = 16 + zlib.MAX_WBITS


def decoded(body: bytes, coding: str, limit: int) -> tuple[bytes, bool]:
    """The body without its content coding, and whether it was cut at `limit` bytes.

    What is not understood, or is damaged from its first byte, stays as it came; a damaged rest is dropped. Never
    makes more than `limit` bytes, whatever the ratio.
    """
    for name in reversed([part.strip().lower() for part in coding.split(",") if part.strip()]):
        if name in ("gzip", "x-gzip"):
            body, cut = _inflated(body, (GZIP,), limit)
        elif name == "deflate":
            body, cut = _inflated(body, (zlib.MAX_WBITS, -zlib.MAX_WBITS), limit)
        elif name == "identity":
            continue
        else:
            return body[:limit], len(body) > limit
        if cut:
            return body, True
    return body[:limit], len(body) > limit


def _inflated(body: bytes, windows: tuple[int, ...], limit: int) -> tuple[bytes, bool]:
    for window in windows:
        machine = zlib.decompressobj(window)
        try:
            out = machine.decompress(body, limit + 1)
        except zlib.error:
            continue
        return out[:limit], len(out) > limit
    return body[:limit], len(body) > limit
