from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.model.asset import Asset, AssetKind
from bartizan.sensors.secrets.bearer import READERS, read_bearer
from tests.sensors.secrets.conftest import fake


def url64(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def jwt(claims: dict[str, object], alg: str = "HS256") -> str:
    return f"{url64({'alg': alg, 'typ': 'JWT'})}.{url64(claims)}.{fake('<<url 43>>')}"


def test_an_aws_key_tells_its_account() -> None:
    account = 581_039_954_779
    raw = ((account << 7) | (1 << 47)).to_bytes(6, "big") + b"\x12\x34\x56\x78"
    told = read_bearer("aws-key-id", b"AKIA" + base64.b32encode(raw))
    assert told.account == f"AWS account {account}"


def test_a_bedrock_key_tells_account_and_user(look: Any) -> None:
    inner = "BedrockAPIKey-ab12-at-123456789012:" + fake("<<alnum 70>>")
    value = "AB" + "SK" + base64.b64encode(inner.encode()).decode()
    assets = [item for item in look(f"AWS_BEARER_TOKEN_BEDROCK={value}\n") if isinstance(item, Asset)]
    [key] = [item for item in assets if item.kind is AssetKind.CREDENTIAL]
    assert (key.properties["account"], key.properties["user"]) == ("123456789012", "BedrockAPIKey-ab12")
    assert [item.name for item in assets if item.kind is AssetKind.IDENTITY] == ["AWS account 123456789012"]


def test_a_presigned_bedrock_key_tells_region_and_end() -> None:
    url = (
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Credential=ASIA%2F20250102%2Fus-east-1%2Fbedrock"
        "&X-Amz-Date=20250102T030405Z&X-Amz-Expires=43200"
    )
    told = read_bearer("bedrock-short", b"bedrock-api-key-" + base64.b64encode(url.encode()))
    assert told.facts["region"] == "us-east-1"
    assert told.expires == datetime(2025, 1, 2, 15, 4, 5, tzinfo=UTC)


def test_a_service_account_tells_project_and_address(look: Any) -> None:
    key = "-----BEGIN " + "PRIVATE KEY-----\\n" + fake("<<base64 800>>") + "\\n-----END PRIVATE KEY-----\\n"
    text = json.dumps(
        {
            "type": "service_account",
            "project_id": "acme-ml",
            "private_key_id": "a" * 40,
            "private_key": key,
            "client_email": "t@acme-ml.iam.gserviceaccount.com",
        }
    )
    [asset] = [
        item
        for item in look(text.replace("\\\\n", "\\n"), "sa.json")
        if isinstance(item, Asset) and item.kind is AssetKind.CREDENTIAL
    ]
    assert asset.properties["type"] == "google-sa-key"
    assert asset.properties["project_id"] == "acme-ml"
    assert asset.properties["client_email"] == "t@acme-ml.iam.gserviceaccount.com"


@pytest.mark.parametrize(
    ("claims", "alg", "count"),
    [
        ({"sub": "1234567890", "name": "John Doe", "iat": 1516239022}, "HS256", 0),
        ({"iss": "https://auth.acme.dev/", "sub": "svc"}, "HS256", 1),
        ({"iss": "https://auth.acme.dev/", "sub": "svc"}, "none", 0),
        ({"iss": "https://auth.acme.dev/", "exp": 1516239022}, "HS256", 0),
        ({"iss": "https://auth.acme.dev/", "exp": 4_000_000_000}, "HS256", 1),
        ({"role": "service_role", "iss": "supabase", "ref": "abcdefghij"}, "HS256", 1),
        ({"role": "anon", "iss": "supabase", "ref": "abcdefghij"}, "HS256", 0),
    ],
)
def test_tokens_count_where_a_claim_tells(found: Any, claims: Any, alg: Any, count: Any) -> None:
    assert len(found(f"t = '{jwt(claims, alg)}'\n")) == count


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=300))
def test_reading_never_fails(reader: Any, value: Any) -> None:
    assert read_bearer(reader, value) is not None


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: st.dictionaries(st.sampled_from(["iss", "exp", "role", "aud"]), inner),
        max_leaves=6,
    )
)
def test_claims_may_be_anything(claims: Any) -> None:
    assert read_bearer("jwt", f"{url64({'alg': 'x'})}.{url64(claims)}.abc".encode()) is not None
