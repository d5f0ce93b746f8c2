"""Asks providers whether keys are alive: read-only requests of the packs, through the guard, none that costs."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bartizan.model.errors import NetworkError, ScopeError, UsageError
from bartizan.model.location import Location
from bartizan.model.service import Reply, Request
from bartizan.net.connection import Door
from bartizan.net.conversation import Conversation
from bartizan.rules.credential import Answer, Kind, Question, Verdict
from bartizan.scan.keyring import Key
from bartizan.syntax.pattern import bytes_pattern, compiled

_SECONDS = 15.0
_LIMIT = 1 << 20
_TOLD = 200
_USUAL = (
    Answer(status=200, verdict=Verdict.LIVE),
    Answer(status=201, verdict=Verdict.LIVE),
    Answer(status=204, verdict=Verdict.LIVE),
    Answer(status=401, verdict=Verdict.DEAD, reason="the provider does not know it any more"),
    Answer(status=402, verdict=Verdict.LIMITED, reason="it is known, and the account has no credit"),
    Answer(status=403, verdict=Verdict.RESTRICTED, reason="it is known, and lacks the right to this question"),
    Answer(status=429, verdict=Verdict.LIMITED, reason="it is known, and has reached a limit"),
)
"""What statuses mean where the pack does not say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of asking about one key. Holds nothing of its value."""

    kind: str
    provider: str
    redacted: str
    fingerprint: str
    places: tuple[Location, ...]
    verdict: Verdict
    reason: str = ""
    asked: str = ""
    status: int = 0
    told: dict[str, Any] = field(default_factory=dict)


class Verifier:
    """Asks through one door. `endpoints` replaces the scheme and host of every question, or of one provider's."""

    def __init__(self, door: Door, providers: dict[str, str], endpoints: dict[str, str] | None = None) -> None:
        self._door = door
        self._providers = providers
        self._endpoints = endpoints or {}

    def verify(self, key: Key) -> Verification:
        """Ask about the key as each kind that it may be; the first that answers for it counts."""
        last = self._undecided(key, key.kinds[0], "not asked")
        for kind in key.kinds:
            last = self._ask(key, kind)
            if last.verdict in (Verdict.LIVE, Verdict.RESTRICTED, Verdict.LIMITED):
                break
        return last

    def _ask(self, key: Key, kind: Kind) -> Verification:
        question = kind.verify
        if question is None:
            return self._undecided(key, kind, kind.unverified or "no request is known that costs nothing")
        names = _names(key, kind, question)
        if names is None:
            return self._undecided(key, kind, "nothing beside the key tells which host, or which other half, it is for")
        url = self._url(kind, _filled(question.url, names))
        try:
            reply = self._exchange(url, question, names)
        except ScopeError as error:
            return self._undecided(key, kind, error.what, urlsplit(url).netloc)
        except NetworkError as error:
            return self._undecided(key, kind, _without(str(error), key.value), urlsplit(url).netloc)
        return self._judged(key, kind, question, url, reply)

    def _url(self, kind: Kind, url: str) -> str:
        base = self._endpoints.get(self._providers[kind.id]) or self._endpoints.get("")
        if not base:
            return url
        parts = urlsplit(url)
        return base.rstrip("/") + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _exchange(self, url: str, question: Question, names: dict[str, str]) -> Reply:
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if tls else 80)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = tuple((name, _filled(value, names)) for name, value in question.headers.items())
        request = Request(path, question.method, headers, _filled(question.body, names).encode())
        link = self._door.connect(host, port, tls=tls, purpose="verify a key", trusted=True)
        talk = Conversation(link, parts.netloc)
        try:
            return talk.exchange(request, _SECONDS, _LIMIT)
        finally:
            talk.close()

    def _judged(self, key: Key, kind: Kind, question: Question, url: str, reply: Reply) -> Verification:
        text = reply.body.decode("utf-8", "replace")
        for answer in (*question.answers, *_USUAL):
            if answer.status == reply.status and (not answer.body or compiled(answer.body).search(text)):
                told = _told(question, reply, key.value) if answer.verdict is not Verdict.DEAD else {}
                return self._said(key, kind, answer.verdict, answer.reason, urlsplit(url).netloc, reply.status, told)
        return self._said(key, kind, Verdict.UNDECIDED, f"answered {reply.status}", urlsplit(url).netloc, reply.status)

    def _undecided(self, key: Key, kind: Kind, reason: str, asked: str = "") -> Verification:
        return self._said(key, kind, Verdict.UNDECIDED, reason, asked)

    def _said(
        self,
        key: Key,
        kind: Kind,
        verdict: Verdict,
        reason: str,
        asked: str,
        status: int = 0,
        told: dict[str, Any] | None = None,
    ) -> Verification:
        return Verification(
            kind=kind.id,
            provider=self._providers[kind.id],
            redacted=key.redacted,
            fingerprint=key.fingerprint,
            places=key.places,
            verdict=verdict,
            reason=reason,
            asked=asked,
            status=status,
            told=told or {},
        )


def read_endpoints(texts: tuple[str, ...]) -> dict[str, str]:
    """`URL` for all providers or `provider=URL` for one. Raises UsageError."""
    table: dict[str, str] = {}
    for text in texts:
        provider, mark, url = text.partition("=") if re.match(r"[a-z0-9-]+=", text) else ("", "", text)
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise UsageError(f"{text}: not a URL, nor provider=URL")
        table[provider if mark else ""] = url
    return table


def _names(key: Key, kind: Kind, question: Question) -> dict[str, str] | None:
    """What fills the question's braces; None when something is missing beside the key."""
    value = key.value.decode("latin-1")
    names = {"key": value, "basic": _base64(f"{value}:"), "api": _base64(f"api:{value}")}
    wanted = " ".join((question.url, question.body, *question.headers.values()))
    if "{host}" in wanted:
        host = _nearest(question.host, key)
        if not host:
            return None
        names["host"] = host
    if "{pair}" in wanted:
        other = _nearest(question.pair, key)
        if not other:
            return None
        names["pair"] = _base64(f"{other}:{value}")
    return names


def _nearest(pattern: str, key: Key) -> str:
    """What matches the pattern nearest to the key (its first group, if it has one); empty when nothing does."""
    matches = list(bytes_pattern(pattern).finditer(key.around)) if pattern else []
    if not matches:
        return ""
    match = min(matches, key=lambda found: abs(found.start() - key.middle))
    text: bytes = match.group(1 if match.groups() else 0)
    return text.decode("latin-1")


def _filled(text: str, names: dict[str, str]) -> str:
    return re.sub(r"\{(key|basic|api|pair|host)\}", lambda match: names.get(match.group(1), ""), text)


def _base64(text: str) -> str:
    return b64encode(text.encode("latin-1")).decode()


def _told(question: Question, reply: Reply, value: bytes) -> dict[str, Any]:
    """What the answer says of owner, rights, models and spend, cut short and without the key."""
    told: dict[str, Any] = {}
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        body = None
    for name, way in question.tells.items():
        if way.startswith("header:"):
            found: list[Any] = [reply.header(way.removeprefix("header:"))]
        else:
            found = _at(body, way.split("."))
        plain = [_without(str(item), value)[:_TOLD] for item in found if item not in (None, "", [])]
        if plain:
            told[name] = plain[:50] if "*" in way else plain[0]
    return told


def _at(body: Any, way: list[str]) -> list[Any]:
    """The values at the end of the way; `*` stands for every item."""
    values = [body]
    for step in way:
        following: list[Any] = []
        for value in values:
            if step == "*":
                following += value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
            elif isinstance(value, dict) and step in value:
                following.append(value[step])
            elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
                following.append(value[int(step)])
        values = following
    return [value for value in values if not isinstance(value, dict | list)]


def _without(text: str, value: bytes) -> str:
    return text.replace(value.decode("latin-1"), "***")
