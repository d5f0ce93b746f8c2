"""Whose a credential is, where the value itself tells: read offline, without asking anyone."""

from __future__ import annotations

import binascii
import json
import re
from base64 import b32decode, b64decode, urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Bearer:
    """What was read. `account` names the owner as a person would; `expires` is when it dies, if it says.

    `meaningless` is set for a value that has the form but says nothing (a JWT without a telling claim).
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    account: str = ""
    expires: datetime | None = None
    meaningless: bool = False

    def is_expired(self, now: datetime) -> bool:
        """Whether its own date has passed."""
        return self.expires is not None and self.expires < now


def read_bearer(reader: str, value: bytes) -> Bearer:
    """Ask the reader of that name (an empty name reads nothing). Never raises for what the value holds."""
    read = READERS.get(reader)
    return read(value) if read else Bearer()


def _aws_key_id(value: bytes) -> Bearer:
    """The account is in bits 1 to 40 of the 10 bytes that the 16 characters after the prefix encode in base32."""
    try:
        raw = b32decode(value[4:20])
    except binascii.Error:
        return Bearer()
    account = f"{(int.from_bytes(raw[:6], 'big') & 0x7FFFFFFFFF80) >> 7:012d}"
    return Bearer({"account": account}, f"AWS account {account}")


def _bedrock_long(value: bytes) -> Bearer:
    """`ABSK` and base64 of `BedrockAPIKey-xxxx-at-ACCOUNT:secret`."""
    match = re.match(rb"(?s).{0,3}?([A-Za-z0-9+=,.@_-]{1,128})-at-(\d{12}):", _plain_base64(value[4:]))
    if not match:
        return Bearer()
    user, account = match.group(1).decode(), match.group(2).decode()
    return Bearer({"account": account, "user": user}, f"AWS account {account}")


def _bedrock_short(value: bytes) -> Bearer:
    """Base64 of a presigned URL."""
    try:
        url = _plain_base64(value.partition(b"bedrock-api-key-")[2]).decode("ascii", "replace")
        query = parse_qs(urlsplit("https://" + url).query)
        scope = unquote(query.get("X-Amz-Credential", [""])[0]).split("/")
        start = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        end = start + timedelta(seconds=min(int(query["X-Amz-Expires"][0]), 604_800))
    except (KeyError, ValueError, OverflowError):
        return Bearer()
    region = scope[2] if len(scope) > 2 else ""
    return Bearer({"region": region, "expires": end.isoformat()} if region else {"expires": end.isoformat()}, "", end)


def _jwt(value: bytes) -> Bearer:
    """Issuer, audience, role and expiry of a JSON Web Token."""
    claims = jwt_claims(value)
    if claims is None:
        return Bearer(meaningless=True)
    facts = {
        name: _short(claims[name])
        for name in ("iss", "aud", "role", "scope", "ref", "azp", "client_id")
        if claims.get(name)
    }
    expires = _time(claims.get("exp"))
    if expires:
        facts["expires"] = expires.isoformat()
    telling = claims.get("role") == "service_role" or (
        isinstance(claims.get("iss"), str) and re.match(r"https?://|n8n$|[a-z0-9-]+(\.[a-z0-9-]+)+", claims["iss"])
    )
    account = f"{facts['iss']}" if "iss" in facts else ""
    return Bearer(facts, account, expires, meaningless=not telling)


def jwt_claims(value: bytes) -> dict[str, Any] | None:
    """The claims of a signed token; None when it is no token, or an unsigned one."""
    parts = value.split(b".")
    if len(parts) != 3 or not parts[2]:
        return None
    try:
        header, claims = (json.loads(urlsafe_b64decode(part + b"=" * (-len(part) % 4))) for part in parts[:2])
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or not isinstance(claims, dict) or "alg" not in header:
        return None
    return None if str(header["alg"]).lower() == "none" else claims


def _service_role(value: bytes) -> Bearer:
    """A Supabase key with the role that passes row level security."""
    told = _jwt(value)
    return told if told.facts.get("role") == "service_role" else Bearer(meaningless=True)


def _copilot(value: bytes) -> Bearer:
    """`tid=…;exp=SECONDS;…`."""
    match = re.search(rb"exp=(\d{10})", value)
    expires = _time(int(match.group(1))) if match else None
    return Bearer({"expires": expires.isoformat()} if expires else {}, "", expires)


def _url(value: bytes) -> Bearer:
    """User, host and database of a connection URL."""
    try:
        parts = urlsplit(value.decode("latin-1"))
        facts = {"user": parts.username or "", "host": parts.hostname or "", "database": parts.path.strip("/")[:60]}
    except ValueError:
        return Bearer()
    return Bearer({name: text for name, text in facts.items() if text}, facts["host"])


def _neptune(value: bytes) -> Bearer:
    try:
        told = json.loads(_plain_base64(value))
    except ValueError:
        return Bearer()
    address = told.get("api_address") if isinstance(told, dict) else None
    return Bearer({"host": _short(address)}, _short(address)) if address else Bearer()


def google_account(around: bytes) -> Bearer:
    """Project and service account beside a private key, plain or with escaped quotes."""
    facts = {}
    for name in (b"project_id", b"client_email", b"private_key_id"):
        match = re.search(name + rb"""\\*["']\s*:\s*\\*["']([\w.@-]{3,120})""", around)
        if match:
            facts[name.decode()] = match.group(1).decode()
    facts.pop("private_key_id", None)
    return Bearer(facts, facts.get("client_email", ""))


def _plain_base64(value: bytes) -> bytes:
    value = value.rstrip(b"=")
    value = value[: len(value) - (len(value) % 4 == 1)]
    try:
        return b64decode(value + b"=" * (-len(value) % 4), b"-_" if re.search(rb"[-_]", value) else None)
    except binascii.Error:
        return b""


def _time(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 253_402_300_800:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _short(value: object) -> str:
    return (" ".join(map(str, value)) if isinstance(value, list) else str(value))[:120]


READERS: dict[str, Callable[[bytes], Bearer]] = {
    "aws-key-id": _aws_key_id,
    "bedrock-long": _bedrock_long,
    "bedrock-short": _bedrock_short,
    "copilot": _copilot,
    "jwt": _jwt,
    "jwt-service-role": _service_role,
    "neptune": _neptune,
    "url": _url,
}
