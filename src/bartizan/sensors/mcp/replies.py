"""What single answers of a live server say."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from bartizan.model.errors import NetworkError
from bartizan.model.service import Reply
from bartizan.model.session import ServerSession


def answers(reply: Reply) -> bool:
    """Whether a reply carries a result: 2xx, JSON-RPC and no error."""
    if not 200 <= reply.status < 300:
        return False
    for line in (reply.body, *reply.body.split(b"\n")):
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(message, dict):
            return "result" in message
    return False


def shown(reply: Reply) -> str:
    """Status and the beginning of the answer, safe to print."""
    text = reply.body[:200].decode("utf-8", "replace")
    return f"{reply.status} " + "".join(char if char.isprintable() else " " for char in text)


def result_of(reply: Reply) -> Any:
    """The JSON value of a plain reply, or None."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def listed_by(session: ServerSession) -> dict[str, Any] | None:
    """What a session of its own lists as tools, closed afterwards; None when the door stays shut or lists none."""
    try:
        if not session.open() or session.challenge is not None:
            return None
        listed = session.call("tools/list", {})
    except NetworkError:
        return None
    finally:
        session.close()
    return listed if isinstance(listed, dict) and isinstance(listed.get("tools"), list) else None


def netloc(url: str) -> str:
    """Host and port of an address in lower case, the empty string when it has none."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
