"""Exchanges as evidence: the question, the answer's head and the beginning of its body, secrets blanked."""

from __future__ import annotations

from bartizan.model.finding import Evidence
from bartizan.model.location import Location
from bartizan.model.service import Service
from bartizan.rules.approach import Approach
from bartizan.rules.library import Library
from bartizan.sensors.exposure.answer import Answer
from bartizan.syntax.pattern import compiled

_SHOWN = 700
_QUIET_HEADERS = frozenset({"date", "age", "expires", "last-modified", "etag", "keep-alive", "connection", "vary"})
_BLANK = "[blanked]"


class Redaction:
    """Blanks what looks like a secret, by the patterns of the packs."""

    def __init__(self, library: Library) -> None:
        sheets = library.sheets(Approach)
        keys = "|".join(key for sheet in sheets for key in sheet.secret_keys)
        self._keyed = rf'(?i)("?[\w.-]*(?:{keys})[\w.-]*"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|[^\s,;}}\]"]+)' if keys else ""
        self._texts = tuple(text for sheet in sheets for text in sheet.secret_texts)

    def clean(self, text: str) -> str:
        """The text with every secret's value replaced."""
        if self._keyed:
            text = compiled(self._keyed).sub(r"\1" + _BLANK, text)
        for pattern in self._texts:
            text = compiled(pattern).sub(_BLANK, text)
        return str(text)

    def exchange(self, answer: Answer) -> Evidence:
        """One question and its answer. The summary stands alone and is the same on each scan."""
        return Evidence("exchange", summary(answer), self.clean(_written(answer)))


def summary(answer: Answer) -> str:
    """`GET /api/tags answered 200`."""
    if answer.is_http:
        return f"{answer.request.method} {answer.request.path} answered {answer.reply.status}"
    return f"{answer.name} was answered"


def place(service: Service, answer: Answer | None) -> Location:
    """The endpoint, with the URL of the question where it was one of HTTP."""
    location = service.location
    if answer is None or not answer.is_http:
        return location
    host = f"[{location.host}]" if ":" in str(location.host) else location.host
    scheme = "https" if service.tls else "http"
    path = answer.request.path.partition("?")[0]
    return Location(host=location.host, port=location.port, url=f"{scheme}://{host}:{location.port}{path}")


def _written(answer: Answer) -> str:
    reply = answer.reply
    body = reply.body[: _SHOWN * 2].decode("utf-8", "replace")
    body = "".join(mark if mark.isprintable() or mark in "\n\t" else "." for mark in body)
    if len(body) > _SHOWN:
        body = f"{body[:_SHOWN]}…"
    if not answer.is_http:
        return f"> {answer.name}\n< {body}"
    lines = [f"> {answer.request.method} {answer.request.path}", f"< {reply.status}"]
    for name, value in reply.headers[:20]:
        if name == "set-cookie":
            lines.append(f"< set-cookie: {value.partition('=')[0]}={_BLANK}")
        elif name not in _QUIET_HEADERS:
            lines.append(f"< {name}: {value[:200]}")
    return "\n".join([*lines, "", body])
