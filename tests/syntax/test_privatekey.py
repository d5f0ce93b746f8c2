from __future__ import annotations

import warnings
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from bartizan.syntax.privatekey import MARK, is_key, key_mark

RSA = rsa.generate_private_key(65537, 1024)
KEYS = [RSA, ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP521R1())]
FORMS = (PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8, PrivateFormat.OpenSSH)


def _pem(key: Any, form: PrivateFormat) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written: bytes = key.private_bytes(Encoding.PEM, form, NoEncryption())
    return written


@pytest.mark.parametrize("key", KEYS)
def test_every_form_of_one_key_has_one_mark(key: Any) -> None:
    marks = {key_mark(_pem(key, form)) for form in FORMS}
    assert len(marks) == 1
    assert len(marks.pop()) == MARK


def test_a_seed_has_one_mark_and_another_another() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    marks = {key_mark(_pem(key, form)) for form in FORMS[1:]}
    assert len(marks) == 1
    assert key_mark(_pem(x25519.X25519PrivateKey.generate(), PrivateFormat.PKCS8)) not in marks


@pytest.mark.parametrize("form", FORMS)
def test_the_mark_does_not_depend_on_how_source_code_writes_the_key(form: Any) -> None:
    pem = _pem(KEYS[1], form)
    escaped = pem.replace(b"\n", b"\\n")
    glued = b'"' + pem.strip().replace(b"\n", b'\\n" +\n    "') + b'"'
    listed = b"['" + pem.strip().replace(b"\n", b"',\n '") + b"']"
    indented = pem.replace(b"\n", b"\r\n      ")
    assert {key_mark(text) for text in (pem, escaped, glued, listed, indented, b"key = " + pem)} == {key_mark(pem)}


def test_two_keys_and_two_encrypted_copies_differ() -> None:
    assert len({key_mark(_pem(key, PrivateFormat.PKCS8)) for key in KEYS}) == len(KEYS)
    locked = [
        RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(word)) for word in (b"one", b"two")
    ]
    assert len({key_mark(text) for text in (*locked, _pem(RSA, PrivateFormat.PKCS8))}) == 3
    assert not any(map(is_key, locked))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_told_from_text_in_its_place(key: Any, form: Any) -> None:
    pem = _pem(key, form)
    assert is_key(pem)
    assert not is_key(pem[: len(pem) // 4])
    assert not is_key(b"-----BEGIN PRIVATE KEY-----\n" + b"A" * 400 + b"\n-----END PRIVATE KEY-----")


@given(st.binary(max_size=300))
def test_what_is_no_key_does_no_harm(raw: bytes) -> None:
    for text in (raw, b"-----BEGIN PRIVATE KEY-----\n" + raw, raw.hex().encode()):
        assert len(key_mark(text)) in (0, MARK)
        assert is_key(text) in (True, False)


@given(st.data())
def test_a_damaged_key_does_no_harm(data: Any) -> None:
    pem = bytearray(_pem(KEYS[data.draw(st.integers(0, 2))], data.draw(st.sampled_from(FORMS))))
    for _ in range(data.draw(st.integers(1, 5))):
        pem[data.draw(st.integers(30, len(pem) - 30))] = data.draw(st.integers(0, 255))
    assert len(key_mark(bytes(pem))) in (0, MARK)
