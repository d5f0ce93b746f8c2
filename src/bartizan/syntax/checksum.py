"""Checksums that issuers build into their tokens."""

from __future__ import annotations

import zlib
from collections.abc import Callable

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _crc_base62(value: bytes) -> bool:
    """The last six characters are the CRC-32 of the part between prefix and checksum, in base 62, zero-padded.

    GitHub's token format of April 2021: https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/
    """
    secret = value.rpartition(b"_")[2]
    return base62(zlib.crc32(secret[:-6])) == secret[-6:].decode("latin-1")


def base62(number: int, width: int = 6) -> str:
    """The number with digits 0-9, A-Z, a-z."""
    text = ""
    while number:
        number, digit = divmod(number, 62)
        text = _BASE62[digit] + text
    return text.rjust(width, "0")


def with_crc(text: str) -> str:
    """The text with its CRC-32 after it, as GitHub's tokens carry it."""
    return text + base62(zlib.crc32(text.encode()))


CHECKS: dict[str, Callable[[bytes], bool]] = {"crc32-base62": _crc_base62}
