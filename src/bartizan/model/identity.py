"""Names made of content: the same thing seen twice, by anyone, anywhere, has the same id."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any


def digest(*parts: str | bytes) -> str:
    """Return 32 hexadecimal characters (128 bits of BLAKE2b) over the parts, each length-prefixed."""
    state = blake2b(digest_size=16)
    for part in parts:
        raw = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        state.update(len(raw).to_bytes(8, "big"))
        state.update(raw)
    return state.hexdigest()


def canonical(value: Any) -> str:
    """Return `value` as JSON with sorted keys: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
