"""Private keys in text: which key it is, whatever the form it is written in.

Forms: PKCS#1 (RFC 8017), SEC 1 (RFC 5915), PKCS#8 (RFC 5958), DSA as OpenSSL writes it, and OpenSSH's own
(PROTOCOL.key in its source).
"""

from __future__ import annotations

import binascii
import re
from hashlib import blake2b

MARK = 16
"""Hexadecimal characters of a mark."""
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
_OPENSSH = b"openssh-key-v1\0"
_LABEL = re.compile(rb"-----BEGIN [^-]{1,60}-----")
_ESCAPES = re.compile(rb"\\+[nrt]|\\+u000[adAD]")
_GLUE = re.compile(rb"""["'`]\)?\s*(?:\+|\.\.?|<>)\s*\(?["'`]""")
_OTHER = re.compile(rb"[^A-Za-z0-9+/]")

Part = tuple[int, bytes]
"""Tag and content of one element in DER."""


def key_mark(pem: bytes) -> str:
    """16 hexadecimal characters that are the same for every form of one private key.

    BLAKE2b over what no two keys share: the modulus (RSA), the secret number (EC, DSA), the seed (Ed25519 and its
    kin), without leading zeros; where the form is not known, over all of its bytes. The empty string when there is
    nothing to decode. `pem` may be quoted, escaped, or split as source code does.
    """
    raw = _decoded(pem)
    if len(raw) < 16:
        return ""
    return blake2b(_own_part(raw) or raw, digest_size=MARK // 2).hexdigest()


def is_key(pem: bytes) -> bool:
    """Whether it is a key in one of the known forms, whole as far as that, and not encrypted."""
    return len(_own_part(_decoded(pem))) >= 16


def is_locked(pem: bytes) -> bool:
    """Whether it is a key in OpenSSH's form that opens with a passphrase alone."""
    raw = _decoded(pem)
    return raw.startswith(_OPENSSH) and _string(raw, len(_OPENSSH))[0] != b"none"


def _own_part(raw: bytes) -> bytes:
    """What no other key has; empty where the form is not known."""
    secret = _openssh(raw[len(_OPENSSH) :]) if raw.startswith(_OPENSSH) else _der(raw)
    return secret.lstrip(b"\0")


def _decoded(pem: bytes) -> bytes:
    begin = _LABEL.search(pem)
    body = pem[begin.end() if begin else 0 :].partition(b"-----")[0]
    body = _GLUE.sub(b"", _ESCAPES.sub(b"", body))
    text = _OTHER.sub(b"", body)
    text = text[: len(text) - (len(text) % 4 == 1)]
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return b""


def _der(raw: bytes, depth: int = 0) -> bytes:
    """What is secret or unique in a key's DER; empty when it is none of the known forms."""
    outer = _parts(raw)
    if not outer or outer[0][0] != _SEQUENCE:
        return b""
    match _parts(outer[0][1]):
        case [(0x02, _), (0x30, _), (0x04, inner), *_] if depth < 2:  # PKCS#8: version, algorithm, the key itself
            return _inner(inner, depth)
        case [(0x02, b"\0"), (0x02, p), (0x02, _), (0x02, _), (0x02, _), (0x02, x)] if len(p) > 32:  # DSA
            return x
        case [(0x02, b"\0" | b"\1"), (0x02, modulus), (0x02, _), (0x02, _), *_]:  # PKCS#1
            return modulus
        case [(0x02, b"\1"), (0x04, secret), *_]:  # SEC 1
            return secret
    return b""


def _inner(inner: bytes, depth: int) -> bytes:
    """The key in a PKCS#8 envelope: a form of its own, one number (DSA), or a seed (RFC 8410)."""
    parts = _parts(inner)
    if len(parts) == 1 and parts[0][0] in (_INTEGER, _OCTETS):
        return parts[0][1]
    return _der(inner, depth + 1)


def _parts(data: bytes) -> list[Part]:
    """The elements that follow each other in `data`, at most 16; none when a length is wrong."""
    found: list[Part] = []
    at = 0
    while at + 2 <= len(data) and len(found) < 16:
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            width = length & 0x7F
            if not 0 < width <= 4:
                return []
            length, at = int.from_bytes(data[at : at + width], "big"), at + width
        if at + length > len(data):
            return []
        found.append((tag, data[at : at + length]))
        at += length
    return found


def _openssh(rest: bytes) -> bytes:
    """The same of OpenSSH's form; empty when it is encrypted."""
    cipher, at = _string(rest, 0)
    for _ in range(2):  # name and options of the key derivation
        _, at = _string(rest, at)
    _, at = _string(rest, at + 4)  # number of keys, the public one
    private, _ = _string(rest, at)
    if cipher != b"none":
        return b""
    kind, at = _string(private, 8)
    fields: list[bytes] = []
    while at < len(private) and len(fields) < 8:
        value, at = _string(private, at)
        fields.append(value)
    places = {b"ssh-rsa": 0, b"ssh-dss": 4, b"ssh-ed25519": 1}
    place = 2 if kind.startswith(b"ecdsa-") else places.get(kind, len(fields))
    secret = fields[place] if place < len(fields) else b""
    return secret[:32] if kind == b"ssh-ed25519" else secret


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    """The string with its length in front at `at`, and the offset behind it."""
    end = at + 4 + int.from_bytes(data[at : at + 4], "big")
    return data[at + 4 : end], min(end, len(data) + 1)
