"""Keys without a shape of their own, known by what stands beside them; and what only looks so."""

from __future__ import annotations

import marshal
import sqlite3
import struct
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.coverage import Coverage, Outcome
from bartizan.sensors.secrets.randomness import lacks_digits
from bartizan.sensors.secrets.siblings import pairs, siblings
from tests.sensors.secrets.conftest import GROQ, fake

ALNUM40, UUID = "<<alnum 40>>", "<<hex 8>>-<<hex 4>>-<<hex 4>>-<<hex 4>>-<<hex 12>>"


@pytest.mark.parametrize(
    "text",
    [
        '[{{"provider": "cohere", "model": "m", "apiKey": "{}"}}]',
        '[\n  {{\n    "apiKey": "{}",\n    "provider": "cohere"\n  }}\n]',
        "- name: m\n  provider: cohere\n  apiKey: {}\n- name: n\n  provider: other\n",
        'create(provider="cohere", key="{}")',
        '<string name="cohere_api_key" translatable="false">{}</string>',
        "<dict>\n\t<key>CohereApiKey</key>\n\t<string>{}</string>\n</dict>",
        "<tr><td>COHERE_API_KEY</td><td>{}</td></tr>",
        "hey, the cohere key is {} please keep it",
        "cohere.AuthenticationError: Incorrect API key provided: {}. See the dashboard.",
        "KEY=${{COHERE_API_KEY:-{}}}",
        "---\ncohere_api_key: !unsafe '{}'\n",
        'class S:\n    cohere_api_key: SecretStr = Field(default="{}", alias="x")',
        "E: bad COHERE_API_KEY \\u001b[0;32m'{}'\\u001b[39m",
        '{{"request": {{"url": "https://api.cohere.com/v2/chat",\n "headers": [\n'
        + ' {{"name": "a",\n "value": "b"}},\n' * 20
        + ' {{"name": "Authorization",\n "value": "Bearer {}"}}]}}}}',
        "URL = 'https://api.cohere.com/v2/chat'\nKEY = '{}'",
    ],
)
def test_the_provider_is_named_beside_the_key(found: Any, text: str) -> None:
    assert [finding.rule for finding in found(text.format(fake(ALNUM40)))] == ["secrets/cohere"]


@pytest.mark.parametrize(
    "text",
    [
        'assert key_hash("cohere") == "{}"',
        "cohere_api_key: ENC[AES256_GCM,data:{},iv:x,tag:y,type:str]",
        "COHERE_API_KEY: AgB/{}+Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy",
        "MODEL=cohere-large\nSESSION_SECRET={}",
        '{{"provider": "cohere", "request_id": "{}"}}',
        "the cohere commit is {}",
    ],
)
def test_what_stands_beside_a_provider_is_not_always_its_key(found: Any, text: str) -> None:
    assert not found(text.format(fake(ALNUM40)))


def test_settings_of_the_innermost_object_alone_are_siblings() -> None:
    head = b'{"provider": "outer", "inner": {"other": {"provider": "deeper"}, "model": "m1", "key": "'
    assert siblings(head, b'", "name": "n1"}, "type": "t1"}') == [(b"model", b"m1"), (b"name", b"n1")]
    assert siblings(b'["a", "', b'"]') == []
    assert pairs(b"a = 1x; b: 'two'") == [(b"a", b"1x"), (b"b", b"two")]


@pytest.mark.parametrize(("text", "lacks"), [(b"xY" * 12, False), (b"aBcDeFgH" * 12, True), (b"abcdef" * 6, True)])
def test_few_digits_speak_against_a_long_value_alone(text: bytes, lacks: bool) -> None:
    assert lacks_digits(text) is lacks


@pytest.mark.parametrize("name", ["fw_", "pnu_", "m0-"])
def test_a_key_without_a_digit_is_known_by_its_name(found: Any, name: str) -> None:
    kinds = {"fw_": ("fireworks", 24), "pnu_": ("prefect", 36), "m0-": ("mem0", 24)}
    word, size = kinds[name]
    value = name + fake(f"<<letters {size}>>", "no digits")
    assert [finding.rule for finding in found(f"{word.upper()}_API_KEY={value}\n")] == [f"secrets/{word}"]


def test_the_rest_of_a_digest_is_no_key(found: Any) -> None:
    tail = "fw_" + fake("<<alnum 24>>")
    assert not found(f"a/b.py,sha256={fake('<<alnum 10>>')}-{tail},1034\n", "x-1.dist-info/RECORD")
    assert not found(f"etag: {fake('<<alnum 14>>')}1aB-{tail}\n")


def test_a_headers_argument_of_a_server_is_its_secret(found: Any) -> None:
    value = fake("<<alnum 28>>")
    arguments = f'["-y", "mcp-remote", "https://x.example/mcp", "--header", "X-Api-Key: {value}"]'
    [finding] = found(f'{{"mcpServers": {{"a": {{"command": "npx", "args": {arguments}}}}}}}', ".cursor/mcp.json")
    assert (finding.rule, finding.location.record) == ("secrets/mcp-bearer", "a")


def test_programs_that_speak_of_servers_hold_no_arguments(found: Any) -> None:
    text = f'# mcpServers, mcp\ncurl = "https://x.example/spend?key={fake("<<hex 64>>")}"\nurl = {{"env": {{}}}}\n'
    assert not found("import os\n" + text, "docs.py")


def test_a_log_written_ahead_is_read_like_the_database(tmp_path: Path, found: Any) -> None:
    value, large = fake(GROQ), "x" * 9000 + f' {{"COHERE_API_KEY": "{fake(ALNUM40)}"}}'
    link = sqlite3.connect(tmp_path / "a.db")
    link.execute("pragma journal_mode=wal")
    link.execute("pragma wal_autocheckpoint=0")
    link.execute("create table settings(name text, value text)")
    link.execute("insert into settings values('GROQ_API_KEY', ?)", (value,))
    link.execute("insert into settings values('flow', ?)", (large,))
    link.commit()
    data = (tmp_path / "a.db-wal").read_bytes()
    link.close()
    seen = found(data, "a.db-wal")
    assert {finding.rule for finding in seen} == {"secrets/groq", "secrets/cohere"}
    assert {finding.location.record for finding in seen} == {"settings:1", "settings:2"}


def test_a_cut_database_is_named(tmp_path: Path, look: Any) -> None:
    link = sqlite3.connect(tmp_path / "a.db")
    link.execute("create table t(a text)")
    link.executemany("insert into t values(?)", [("x" * 900,)] * 50)
    link.commit()
    link.close()
    data = (tmp_path / "a.db").read_bytes()
    gaps = [item for item in look(data[: len(data) // 2], "a.db") if isinstance(item, Coverage)]
    assert [(gap.outcome, gap.target) for gap in gaps] == [(Outcome.FAILED, "a.db")]
    assert not look(data, "a.db")


def test_a_false_mark_of_utf16_hides_nothing(found: Any) -> None:
    data = b"\xff\xfe\x80\xc3\nGROQ_API_KEY=" + fake(GROQ).encode() + b"\n\xe9\xe8\n"
    assert [finding.rule for finding in found(data, "a.env")] == ["secrets/groq"]


def test_bytecode_of_the_second_python_is_read(found: Any) -> None:
    """Its constants are byte strings (`s`), its names interned ones (`t`); the head has 8 bytes."""
    value = fake(ALNUM40).encode()
    texts = b"".join(
        kind + struct.pack("<I", len(text)) + text for kind, text in ((b"s", value), (b"t", b"COHERE_API_KEY"))
    )
    head = struct.pack("<H", 62211) + b"\r\n" + b"\0" * 4 + b"c" + b"\0" * 16
    assert [finding.rule for finding in found(head + texts + b"N" * 8, "a.pyc")] == ["secrets/cohere"]


def test_a_class_inside_does_not_part_a_constant_from_its_name(found: Any) -> None:
    value = fake(ALNUM40)
    code = compile(
        f"import os\nDEBUG = True\nCOHERE_API_KEY = '{value}'\nT = 30\nclass C:\n    name = 'x y'\n", "a.py", "exec"
    )
    raw = b"\xa7\x0d\r\n" + bytes(12) + marshal.dumps(code)
    assert "secrets/cohere" in {finding.rule for finding in found(raw, "a.pyc")}


@pytest.mark.parametrize("value", ["<<alnum 40>>", "up_<<alnum 40>>"])
def test_upstage_has_keys_with_and_without_a_prefix(found: Any, value: str) -> None:
    [finding] = found(f"UPSTAGE_API_KEY={fake(value)}\n")
    assert finding.rule in ("secrets/upstage", "secrets/upstage-legacy")
