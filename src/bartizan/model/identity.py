"""Names made of content: the same thing seen twice, by anyone, anywhere, has the same id."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

_EMPTY = bytes(8)


def digest(*parts: str | bytes) -> str:
    """Return 32 hexadecimal characters (128 bits of BLAKE2b) over the parts, each length-prefixed.

    One call of the hash over all of it: most parts of a place are empty, and every id of a scan is made here.
    """
    pieces: list[bytes] = []
    for part in parts:
        if not part:
            pieces.append(_EMPTY)
            continue
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        pieces += (len(raw).to_bytes(8, "big"), raw)
    return blake2b(b"".join(pieces), digest_size=16).hexdigest()


def canonical(value: Any) -> str:
    """Return `value` as JSON with sorted keys: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
