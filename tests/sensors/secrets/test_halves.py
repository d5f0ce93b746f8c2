"""Credentials of two halves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bartizan.model.severity import Severity
from tests.sensors.secrets.conftest import fake

ID = fake("AK<<join>>IA<<base32 16>>", "id")
SHORT = fake("AS<<join>>IA<<base32 16>>", "id")
SECRET = fake("<<base64 40>>", "aws5")
BOTH = {"secrets/aws-akia": Severity.CRITICAL, "secrets/aws-secret": Severity.CRITICAL}


@pytest.mark.parametrize(
    "text",
    [
        f"AWS_ACCESS_KEY_ID={ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\n",
        f"Access key ID,Secret access key\n{ID},{SECRET}\n",
        f'provider "aws" {{\n  access_key = "{ID}"\n  secret_key = "{SECRET}"\n}}\n',
        f'new BasicAWSCredentials("{ID}", "{SECRET}")',
        f"{ID}:{SECRET}\n",
        f"ACCESS_KEY = '{ID}'\nSECRET_KEY = '{SECRET}'\n",
        json.dumps({"SecretAccessKey": SECRET, "AccessKeyId": ID}),
        f"<property><name>fs.s3a.access.key</name><value>{ID}</value></property>\n"
        f"<property><name>fs.s3a.secret.key</name><value>{SECRET}</value></property>\n",
    ],
)
def test_an_identifier_with_its_secret_is_critical_and_so_is_the_secret(found: Any, text: str) -> None:
    assert {finding.rule: finding.severity for finding in found(text)} == BOTH


@pytest.mark.parametrize("value", [ID, SHORT])
@pytest.mark.parametrize(
    "text", ["user {} was created\n", '{{"accessKeyId": "{}", "userName": "a"}}', "X-Amz-Credential={}/20260101/s3\n"]
)
def test_an_identifier_alone_opens_nothing_and_is_worth_a_look(found: Any, text: str, value: str) -> None:
    [finding] = found(text.format(value))
    assert (finding.rule, finding.severity) == ("secrets/aws-akia", Severity.MEDIUM)
    assert "secret" in finding.evidence[0].detail


@pytest.mark.parametrize(
    "beside",
    [
        fake("<<hex 40>>", "commit"),
        f"sha1: {SECRET}",
        f"request_id = {SECRET}",
        f"checksum={SECRET}",
        "\n" * 500 + SECRET,
        SECRET[:30],
        SECRET + "Zz",
    ],
)
def test_what_stands_beside_an_identifier_is_not_always_its_secret(found: Any, beside: str) -> None:
    [finding] = found(f"key {ID}\n{beside}\n")
    assert (finding.rule, finding.severity) == ("secrets/aws-akia", Severity.MEDIUM)


def test_beside_a_sample_identifier_nothing_is_its_secret(found: Any) -> None:
    assert found(f"AK{'IA'}IOSFODNN7EXAMPLE {SECRET}\n") == []


def test_a_secret_far_off_in_the_same_text_is_not_taken_for_its_other_half(found: Any) -> None:
    text = f"id {ID}\n" + "x\n" * 3000 + f"AWS_SECRET_ACCESS_KEY={SECRET}\n"
    assert {finding.rule: finding.severity for finding in found(text)} == BOTH | {"secrets/aws-akia": Severity.MEDIUM}
