"""Private keys that projects publish on purpose."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bartizan.model.coverage import Coverage
from bartizan.model.severity import Severity
from bartizan.rules.library import Library
from bartizan.rules.publishedkey import PublishedKeys
from bartizan.sensors.secrets.keys import Keys
from bartizan.syntax.privatekey import MARK, key_mark
from tests.sensors.secrets.conftest import SETTINGS

# The number of the key that RFC 9500, section 2.3, calls testECCP256.
STANDARD = 0xE6CB5BDD80AA45AE9C95E8C15476679FFEC953C16851E711E743939589C64FC1


def _written(key: Any, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return str(key.private_bytes(Encoding.PEM, form, NoEncryption()).decode())


FORMS = (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL, PrivateFormat.OpenSSH)


@pytest.mark.parametrize("form", FORMS)
def test_a_published_key_in_use_is_a_low_finding_that_says_whose(found: Any, form: Any) -> None:
    key = ec.derive_private_key(STANDARD, ec.SECP256R1())
    [finding] = found(_written(key, form), "etc/ssl/server.key")
    assert finding.severity is Severity.LOW
    assert "RFC 9500" in finding.evidence[0].detail


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["rsa", "p256", "p521", "ed25519"])
def test_whatever_its_form_a_real_key_is_found(found: Any, form: Any, kind: str) -> None:
    """OpenSSH's form begins with many zero bytes, which look like a placeholder in base64."""
    make: dict[str, Any] = {
        "rsa": lambda: rsa.generate_private_key(65537, 1024),
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    if kind == "ed25519" and form is PrivateFormat.TraditionalOpenSSL:
        form = PrivateFormat.PKCS8
    text = _written(make[kind](), form)
    [finding] = found(text, "home/me/key")
    assert finding.severity is Severity.HIGH
    [finding] = found(f"stringData:\n  key: |\n    {text.replace(chr(10), chr(10) + '    ')}", "k.yaml")
    assert finding.severity is Severity.HIGH


def test_a_key_under_a_passphrase_is_told_so(found: Any) -> None:
    """In OpenSSH's form: names of cipher and derivation, its options, the number of keys, then both halves."""
    parts = [b"aes256-ctr", b"bcrypt", b"\0\0\0\x10" + os.urandom(16) + b"\0\0\0\x18"]
    halves = [b"\0\0\0\x0bssh-ed25519\0\0\0 " + os.urandom(32), os.urandom(144)]
    strings = [len(part).to_bytes(4, "big") + part for part in (*parts, *halves)]
    raw = b"openssh-key-v1\0" + b"".join(strings[:3]) + b"\0\0\0\1" + b"".join(strings[3:])
    body = base64.encodebytes(raw).decode()
    label = "OPENSSH PRIVATE KEY-----"
    [finding] = found(f"-----BEGIN {label}\n{body}-----END {label}\n", "home/me/.ssh/id_ed25519")
    assert finding.severity is Severity.MEDIUM
    assert "passphrase" in finding.evidence[0].detail


@pytest.mark.parametrize("form", FORMS)
def test_any_other_key_stays_what_it_is(found: Any, form: Any) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    [finding] = found(_written(key, form), "etc/ssl/server.key")
    assert finding.severity is Severity.HIGH


@pytest.mark.parametrize(
    "path",
    [
        "third_party/lib/certs/a.key",
        "docs/tls.md",
        "app/site-packages/x/certs/ca.pem",
        "examples/tls/a.key",
        "libtls.so.30.1",
    ],
)
def test_in_copies_of_projects_and_in_texts_only_all_shows_it(library: Library, look: Any, path: str) -> None:
    from dataclasses import replace

    text = _written(ec.derive_private_key(STANDARD, ec.SECP256R1()))
    assert look(text, path) == []
    [left] = look(text, path, sensor=Keys(library, replace(SETTINGS, show_all=True)))
    assert isinstance(left, Coverage)
    assert left.reason.startswith("published-key")


@pytest.mark.parametrize("path", ["third_party/lib/certs/a.key", "examples/tls/a.key", "docs/tls.md"])
def test_a_key_that_nobody_publishes_is_told_there_too(found: Any, path: str) -> None:
    [finding] = found(_written(ec.generate_private_key(ec.SECP256R1())), path)
    assert finding.severity is Severity.HIGH


def test_a_pack_may_name_further_published_keys(tmp_path: Path, look: Any) -> None:
    key = _written(ec.generate_private_key(ec.SECP384R1()))
    (tmp_path / "publishedkeys").mkdir()
    sheet = tmp_path / "publishedkeys" / "ours.yaml"
    sheet.write_text(f"sources:\n- of: our own tests\n  marks: '{key_mark(key.encode())}'\n")
    [_, finding] = look(key, "conf/a.key", sensor=Keys(Library((str(tmp_path),)), SETTINGS))
    assert finding.severity is Severity.LOW
    assert "our own tests" in finding.evidence[0].detail


def test_the_sheet_holds_marks_and_nothing_else(library: Library) -> None:
    [sheet] = library.sheets(PublishedKeys)
    assert len(sheet.publishers) > 5000
    assert all(len(mark) == MARK and set(mark) <= set("0123456789abcdef") for mark in sheet.publishers)
    assert sum(len(source.marks.split()) for source in sheet.sources) == len(sheet.publishers)
