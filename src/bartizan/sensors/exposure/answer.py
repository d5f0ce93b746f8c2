"""One answer, and whether a sign holds in it."""

from __future__ import annotations

import html
from functools import cached_property, lru_cache
from typing import Any

import msgspec

from bartizan.model.service import Reply, Request
from bartizan.rules.product import Sign
from bartizan.sensors.exposure.icon import icon_hash
from bartizan.syntax.jsonway import found
from bartizan.syntax.pattern import compiled

_TITLE_WITHIN = 64 << 10
_NOTHING = object()


class Answer:
    """The reply to the question of that name, with what is read from it when first needed.

    `alike` says that a path which cannot exist is answered the same: such an answer proves nothing.
    """

    def __init__(self, name: str, request: Request, reply: Reply, *, alike: bool = False) -> None:
        self.name = name
        self.request = request
        self.reply = reply
        self.alike = alike

    @property
    def is_http(self) -> bool:
        """Whether it came over HTTP."""
        return self.request.protocol == "http"

    @cached_property
    def media(self) -> str:
        """The content type without parameters, in lower case."""
        return self.reply.header("content-type").partition(";")[0].strip().lower()

    @cached_property
    def title(self) -> str:
        """Title of the page, entities decoded and blanks folded; empty when there is none."""
        page = self.reply.body[:_TITLE_WITHIN]
        start = page.lower().find(b"<title")
        start = page.find(b">", start) + 1 if start >= 0 else 0
        end = page.lower().find(b"</title", start) if start else -1
        if end < 0:
            return ""
        return " ".join(html.unescape(page[start : min(end, start + 500)].decode("utf-8", "replace")).split())

    @cached_property
    def _value(self) -> Any:
        body = self.reply.body
        if body[:1] not in b'{["0123456789tfn' and body.lstrip()[:1] not in (b"{", b"[", b'"'):
            return _NOTHING
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return _NOTHING

    @property
    def is_json(self) -> bool:
        """Whether the whole body is one JSON value."""
        return self._value is not _NOTHING

    @property
    def json(self) -> Any:
        """The JSON value of the body; None when it is none."""
        return None if self._value is _NOTHING else self._value

    @cached_property
    def shape(self) -> tuple[object, ...]:
        """What stays the same when a page is made anew for each request."""
        value = self.json
        if isinstance(value, dict):
            structure: object = ("object", *sorted(str(key) for key in value)[:50])
        elif isinstance(value, list):
            structure = ("list", tuple(sorted(value[0])) if value and isinstance(value[0], dict) else len(value) == 0)
        elif self.title or self.media == "text/html":
            structure = ("page", self.title)
        else:
            structure = ("text", self.reply.body.replace(self.request.path.encode(), b"")[:200])
        return (self.reply.status, self.media, structure)


def holds(sign: Sign, answer: Answer) -> bool:
    """Whether everything that the sign asks for is true of the answer."""
    reply = answer.reply
    if not _status_fits(sign, answer):
        return False
    if sign.type and sign.type not in answer.media:
        return False
    if sign.header and not all(_header_fits(reply, name, pattern) for name, pattern in sign.header.items()):
        return False
    if sign.title and not compiled(sign.title).search(answer.title):
        return False
    if sign.body and not all(needle in reply.body for needle in _needles(sign.body)):
        return False
    if sign.absent and any(needle in reply.body for needle in _needles(sign.absent)):
        return False
    if sign.matches and not compiled(sign.matches).search(reply.body):
        return False
    if (sign.keys or sign.values) and not _json_fits(sign, answer):
        return False
    return not sign.icon or icon_hash(reply.body) in sign.icon


def text_of(value: Any) -> str:
    """A JSON value as signs compare it: strings as they are, everything else as JSON writes it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _status_fits(sign: Sign, answer: Answer) -> bool:
    status = answer.reply.status
    if sign.status != ():
        return status == sign.status if isinstance(sign.status, int) else status in sign.status
    if sign.at in ("/", "?", "*") or not answer.is_http:
        return True
    return 200 <= status < 300


def _header_fits(reply: Reply, name: str, pattern: str) -> bool:
    matcher = compiled(pattern, ignore_case=True)
    return any(key == name and matcher.search(value) for key, value in reply.headers)


def _json_fits(sign: Sign, answer: Answer) -> bool:
    if not answer.is_json:
        return False
    value = answer.json
    if any(next(found(value, way), _NOTHING) is _NOTHING for way in sign.keys):
        return False
    return all(
        any(compiled(pattern).search(text_of(item)) for item in found(value, way))
        for way, pattern in sign.values.items()
    )


@lru_cache(maxsize=8192)
def _needles(texts: str | tuple[str, ...]) -> tuple[bytes, ...]:
    return (texts.encode(),) if isinstance(texts, str) else tuple(text.encode() for text in texts)
