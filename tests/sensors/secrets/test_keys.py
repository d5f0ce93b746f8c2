from __future__ import annotations

import marshal
import mmap
import resource
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage
from bartizan.model.finding import Finding
from bartizan.model.inventory import Inventory, number
from bartizan.model.location import Location
from bartizan.model.relation import Relation
from bartizan.model.settings import Settings
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.library import Library
from bartizan.sensors.secrets.keys import CHUNK, OVERLAP, Keys
from tests.sensors.secrets.conftest import ANTHROPIC, GROQ, OPENAI, SETTINGS, fake

HEX32, HEX40, ALNUM32, ALNUM40 = "<<hex 32>>", "<<hex 40>>", "<<alnum 32>>", "<<alnum 40>>"


def test_a_key_has_its_place_owner_and_steps(look: Any) -> None:
    value = fake(OPENAI)
    seen = look(f"# first\nOPENAI_API_KEY={value}\n", ".env")
    [finding] = [item for item in seen if isinstance(item, Finding)]
    [asset] = [item for item in seen if isinstance(item, Asset) and item.kind is AssetKind.CREDENTIAL]
    assert finding.rule == "secrets/openai-project"
    assert (finding.location.path, finding.location.line, finding.location.column) == (".env", 2, 16)
    assert finding.asset == asset.id
    assert asset.properties["provider"] == "openai"
    assert "1. Open https://platform.openai.com" in finding.remediation
    [service] = [item for item in seen if isinstance(item, Asset) and item.kind is AssetKind.AI_SERVICE]
    assert any(isinstance(item, Relation) and (item.source, item.target) == (asset.id, service.id) for item in seen)


def test_a_column_counts_characters(found: Any) -> None:
    [finding] = found(f"über = 1; k = '{fake(GROQ)}'\n".encode())
    assert finding.location.column == 16


@pytest.mark.parametrize(
    "text",
    [
        "COHERE_API_KEY={}",
        "export COHERE_API_KEY='{}'",
        "cohere_api_key: {}",
        'cohere:\n  timeout: 3\n  api_key: "{}"',
        '{{"cohereApiKey": "{}"}}',
        '{{"cohere": {{"model": "x", "apiKey": "{}"}}}}',
        '[cohere]\nmodel = "command"\napi_key = "{}"',
        'variable "cohere_api_key" {{\n  type = string\n  default = "{}"\n}}',
        'os.environ["COHERE_API_KEY"] = "{}"',
        'os.getenv("COHERE_API_KEY", "{}")',
        'client = cohere.Client("{}")',
        'client = cohere.Client(\n    api_key="{}",\n)',
        "const cohere = new CohereClient({{\n  token: '{}',\n}});",
        'private static final String COHERE_KEY = "{}";',
        'cohereKey := "{}"',
        "ENV COHERE_API_KEY {}",
        "- name: COHERE_API_KEY\n  value: {}",
        'env:\n  - name: "COHERE_API_KEY"\n    value: "{}"',
        '<add key="COHERE_API_KEY" value="{}"/>',
        'curl https://api.cohere.com/v2/chat \\\n  -H "Authorization: Bearer {}"',
        'curl -H "Authorization: Bearer {}" https://api.cohere.com/v2/chat',
        "POST /v2/chat HTTP/1.1\nHost: api.cohere.com\nAuthorization: Bearer {}",
        "2026-01-01 12:00:00 DEBUG using cohere api key {}",
        "https://proxy.internal/x?cohere_api_key={}&y=1",
        "# Cohere\nAPI_KEY={}",
        'COHERE_API_KEY = (\n    "{}"\n)',
        '"source": ["os.environ[\\"COHERE_API_KEY\\"] = \\"{}\\"\\n"]',
        "machine api.cohere.com\n  login x\n  password {}",
        "./serve --cohere-api-key {} --port 80",
    ],
)
def test_a_key_without_a_shape_of_its_own_is_known_by_its_name(found: Any, text: Any) -> None:
    value = fake(ALNUM40, text)
    assert [finding.rule for finding in found(text.format(value) + "\n", "conf/app.txt")] == ["secrets/cohere"]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("cohere commit {}", HEX40),
        ("mistral_revision: {}", HEX32),
        ("mistral:\n  model: a\n  sha256: {}", "<<hex 64>>"),
        ("PINECONE_ENVIRONMENT_ID={}", "<<hex 8>>-<<hex 4>>-<<hex 4>>-<<hex 4>>-<<hex 12>>"),
        ("deepgram_hash = '{}'", HEX40),
        ("uses: mistral/action@{}", HEX40),
        ("# cohere\nMISTRAL_MODEL_DIGEST={}", HEX32),
        ("coherence between {} and others", ALNUM40),
        ("session {}", ALNUM40),
        ("COHERE_API_KEY=${{{}}}", ALNUM40),
    ],
)
def test_digests_identifiers_and_references_are_left_alone(found: Any, text: Any, marks: Any) -> None:
    assert found(text.format(fake(marks, text)) + "\n") == []


def test_a_shared_shape_names_every_provider_until_a_neighbour_tells(look: Any) -> None:
    value = fake("sk-<<join>><<hex 32>>")
    seen = look(f"key = {value}\n")
    [asset] = [item for item in seen if isinstance(item, Asset)]
    [finding] = [item for item in seen if isinstance(item, Finding)]
    assert {"deepseek", "dashscope"} <= set(asset.properties["providers"])
    assert finding.confidence is Confidence.TENTATIVE
    assert "look alike" in finding.evidence[0].detail
    near = look(f"OPENAI_API_KEY={value}\nOPENAI_BASE_URL=https://dashscope.aliyuncs.com/compatible-mode/v1\n")
    [asset] = [item for item in near if isinstance(item, Asset) and item.kind is AssetKind.CREDENTIAL]
    assert asset.properties["providers"] == ["dashscope"]
    named = look(f"DEEPSEEK_API_KEY={value}\n")
    assert [item.rule for item in named if isinstance(item, Finding)] == ["secrets/deepseek"]


def test_a_token_with_a_wrong_checksum_is_none(found: Any) -> None:
    assert [item.confidence for item in found(f"t = '{fake('gh<<join>>p_<<crc 30>>')}'")] == [Confidence.CERTAIN]
    assert found(f"t = '{fake('gh<<join>>p_<<alnum 36>>')}'") == []


def test_the_same_key_in_many_places_is_one_asset(look: Any) -> None:
    value = fake(GROQ)
    inventory = Inventory()
    for path in ("a/.env", "b/conf.yaml", "c/x.py"):
        inventory.add(number(look(f"GROQ_API_KEY: {value}\n", path)))
    [asset] = [item for item in inventory.assets.values() if item.kind is AssetKind.CREDENTIAL]
    assert [place.path for place in asset.places()] == ["a/.env", "b/conf.yaml", "c/x.py"]
    assert len(inventory.findings) == 3


def test_ids_do_not_depend_on_the_fingerprint_key(library: Any) -> None:
    blob = Blob(Location(path="a"), f"k={fake(GROQ)}\n".encode(), "text")
    one, two = (list(Keys(library, Settings(fingerprint_key=key)).observe(blob)) for key in (b"1" * 32, b"2" * 32))
    assert [item.id for item in one if not isinstance(item, Coverage)] == [
        item.id for item in two if not isinstance(item, Coverage)
    ]
    marks = [item.properties["fingerprint"] for seen in (one, two) for item in seen[:1] if isinstance(item, Asset)]
    assert len(set(marks)) == 2


def test_a_public_half_is_an_inventory_fact(found: Any) -> None:
    [finding] = found(
        f"LANGFUSE_PUBLIC_KEY={fake('pk-<<join>>lf-<<hex 8>>-<<hex 4>>-<<hex 4>>-<<hex 4>>-<<hex 12>>')}\n"
    )
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("comment", "count"),
    [
        ("  # bartizan: accept", 0),
        ("  # bartizan: accept secrets/groq rotated weekly", 0),
        ("  # bartizan: accept it is a dead one", 0),
        ("  # bartizan: accept secrets/openai-project", 1),
        ("  # bartizan: accept 0123456789abcdef", 1),
    ],
)
def test_a_comment_accepts_its_line(found: Any, comment: Any, count: Any) -> None:
    assert len(found(f"k = '{fake(GROQ)}'{comment}\n")) == count


def test_a_fingerprint_accepts_a_value_everywhere(library: Any, look: Any) -> None:
    value = fake(GROQ)
    [asset] = [item for item in look(f"k={value}\n") if isinstance(item, Asset) and item.kind is AssetKind.CREDENTIAL]
    accepting = Keys(
        library, Settings(fingerprint_key=SETTINGS.fingerprint_key, accepted=(asset.properties["fingerprint"],))
    )
    assert look(f"k={value}\nj={fake(GROQ, 'other')}\n", sensor=accepting)[-1].location.line == 2
    assert look(f"k={value}\n", sensor=accepting) == []


def test_all_shows_what_was_dropped_and_why(library: Any, look: Any) -> None:
    shows = Keys(library, Settings(show_all=True))
    text = (
        f"k = 'gs<<join>>k_{'x' * 52}'\nt='{fake('gh<<join>>p_<<alnum 36>>')}'\ncohere_sha: {fake(ALNUM40)}\n".replace(
            "<<join>>", ""
        )
    )
    reasons = [item.reason for item in look(text, sensor=shows) if isinstance(item, Coverage)]
    assert any(reason.startswith("placeholder: not secrets/groq") for reason in reasons)
    assert any(reason.startswith("checksum: not secrets/github-ghp") for reason in reasons)
    assert any(reason.startswith("other-name") for reason in reasons)


def test_tensors_and_pictures_are_not_looked_at(keys: Any) -> None:
    data = b"\0" * (1 << 20)
    assert not keys.wants(Blob(Location(path="m.pt", member="archive/data/0"), data, "data", ("torch-zip",)))
    assert not keys.wants(Blob(Location(path="a.png"), data, "png"))
    assert keys.wants(Blob(Location(path="m.pt", member="archive/data.pkl"), b"x" * 99, "pickle", ("torch-zip",)))


def test_a_key_across_the_seam_of_two_pieces_is_found_once(found: Any) -> None:
    value = fake(ANTHROPIC)
    for shift in (-60, -1, 0, 5):
        at = CHUNK - OVERLAP + shift
        data = bytearray(b"a line of text\n" * ((CHUNK + 2 * OVERLAP) // 15))
        data[at : at + len(value) + 2] = b"\n" + value.encode() + b"\n"
        assert len(found(bytes(data))) == 1


@pytest.mark.parametrize(
    "noise", [b"\xff\xfe" + b"\x00\xd8" * 2000, b"\xff\xfeA", b"\x00" * 5000, bytes(range(256)) * 100]
)
def test_noise_and_broken_text_are_harmless(look: Any, noise: Any) -> None:
    assert look(noise, "a.bin") == []


@pytest.mark.slow
def test_a_line_of_a_gigabyte_takes_bounded_memory(tmp_path: Path, library: Library) -> None:
    path = tmp_path / "line.json"
    with path.open("wb") as file:
        for _ in range(1024):
            file.write(b'{"a": "some words, and 0123 numbers"},' * 27_594)
        file.write(f'"GROQ_API_KEY": "{fake(GROQ)}"'.encode())
    sensor = Keys(library, SETTINGS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with path.open("rb") as big, mmap.mmap(big.fileno(), 0, access=mmap.ACCESS_READ) as data:
        seen = list(sensor.observe(Blob(Location(path="line.json"), data, "text")))
    assert [item.rule for item in seen if isinstance(item, Finding)] == ["secrets/groq"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("deploy/server.key", 1),
        ("latest/server.key", 1),
        ("pkg/SelfTest/Cipher/a.py", 0),
        ("app/tests/fixtures/a.key", 0),
    ],
)
def test_private_keys_among_tests_belong_to_them(found: Any, path: str, count: int) -> None:
    body = "\n".join(fake("<<base64 64>>", str(line)) for line in range(12))
    mark = fake("-----{}<<join>> PRIVATE KEY-----\n")
    assert len(found(mark.format("BEGIN") + body + "\n" + mark.format("END"), path)) == count


def test_short_keys_in_binaries_need_their_boundaries(found: Any) -> None:
    value = fake("AK<<join>>IA<<base32 16>>").encode()
    table = b"\0\1\2" * 40
    assert len(found(table + b"\0" + value + b"\0" + table, "a.so")) == 1
    assert not found(table + b"EUR" + value + b"NMB" + table, "a.so")


def test_bytecode_without_a_trace_is_not_read(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Blob] = []
    monkeypatch.setattr("bartizan.sensors.secrets.keys.bytecode_text", read.append)
    code = compile("greeting = 'good morning'", "a.py", "exec")
    raw = b"\xa7\x0d\x0d\x0a" + bytes(12) + marshal.dumps(code)
    assert not list(keys.observe(Blob(Location(path="a.pyc"), raw, "pyc")))
    assert not read


@pytest.mark.parametrize("name", ["{}.txt", "{}", "key.{}.json", "old {}.env.bak"])
def test_a_file_may_be_named_for_a_key(found: Any, name: str) -> None:
    [finding] = found("nothing in here at all\n", f"conf/{name.format(fake(ANTHROPIC))}")
    assert finding.rule == "secrets/anthropic-api03"
    assert finding.location.line is None
    assert finding.location.offset is None
    assert "found in its name" in finding.evidence[0].detail


@pytest.mark.parametrize(
    "name", ["sk-ant-api03-sample.txt", "hf_transformers_tokenizer.py", "ghp_import.py", "AKIA.md"]
)
def test_a_name_with_the_beginning_of_a_key_is_none(found: Any, name: str) -> None:
    assert found("nothing in here at all\n", f"conf/{name}") == []
