"""The key that secrets' fingerprints are made with."""

from __future__ import annotations

import os
import secrets

from bartizan.model.home import data_folder


def fingerprint_key() -> bytes:
    """32 random bytes, made at first use and kept readable by this user alone.

    Where they cannot be kept the key is a new one: fingerprints then cannot be compared between runs.
    """
    path = data_folder() / "fingerprint.key"
    try:
        kept = path.read_bytes()
        if len(kept) == 32:
            return kept
    except OSError:
        pass
    key = secrets.token_bytes(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key)
    except OSError:
        pass
    return key
