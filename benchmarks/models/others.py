"""Malicious and vulnerable artefacts of the formats that are no pickles; see malicious.py."""

from __future__ import annotations


def write_others(out: object, save: object, evil: bytes) -> None:
    """Written next."""
