"""Signs and checks snapshots: Ed25519 over the bytes of the manifest."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bartizan.model.errors import UsageError


def new_key() -> bytes:
    """A fresh private key: 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_key(private: bytes) -> str:
    """The public half, in hexadecimal, as trust lists hold it. Raises UsageError for anything but 32 bytes."""
    return _private(private).public_key().public_bytes_raw().hex()


def sign(private: bytes, message: bytes) -> bytes:
    """The signature: 64 bytes."""
    return _private(private).sign(message)


def signer(trusted: Iterable[str], message: bytes, signature: bytes) -> str:
    """The trusted key that signed the message, in hexadecimal; the empty string when none did."""
    for key in trusted:
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, message)
        except (ValueError, InvalidSignature):
            continue
        return key
    return ""


def _private(raw: bytes) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(raw)
    except ValueError:
        raise UsageError("a signing key is 32 bytes") from None
