"""JSON-RPC as MCP servers speak it: messages out, messages in, and what was odd about them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bartizan.model.errors import LimitError, NetworkError

MAX_BYTES = 16 << 20
"""Of all that one question may bring back."""
MAX_MESSAGES = 500
MODERN = "2026-07-28"
LEGACY = "2025-11-25"
CLIENT = {"name": "bartizan", "version": "1"}
_ANSWERED = {"ping"}


class Wire(Protocol):
    """Carries messages to one server and back."""

    def post(self, message: Mapping[str, Any], seconds: float) -> Iterator[bytes]:
        """Send a message and yield texts of messages that come back, until the caller has what it wants.

        Raises NetworkError, LimitError.
        """

    def close(self) -> None:
        """End the conversation."""


class RefusedError(NetworkError):
    """The server answered with an error: `code` as in JSON-RPC, or the HTTP status."""

    def __init__(self, what: str, code: int) -> None:
        super().__init__(what)
        self.code = code


@dataclass(slots=True)
class Caller:
    """Numbers questions, finds their answers among what comes back, and refuses what the server asks in turn."""

    wire: Wire
    oddities: dict[str, None] = field(default_factory=dict)
    late: dict[int, Any] = field(default_factory=dict)
    """Results of questions that were no longer waited for, by their number."""
    _number: int = 0

    def call(self, method: str, parameters: Mapping[str, Any], seconds: float) -> Any:
        """The result. Raises RefusedError for an error, NetworkError or LimitError when none comes."""
        self._number += 1
        number = self._number
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": dict(parameters)}
        deadline = time.monotonic() + seconds
        size = count = 0
        for raw in self.wire.post(message, seconds):
            size, count = size + len(raw), count + 1
            if size > MAX_BYTES or count > MAX_MESSAGES:
                self._odd(f"sent more than {MAX_BYTES >> 20} MiB or {MAX_MESSAGES} messages for one question")
                raise LimitError("the answer is too large")
            for answer in self._messages(raw):
                if "method" in answer:
                    self._asked(answer)
                elif _is_for(answer, number):
                    return _result(answer)
                elif isinstance(answer.get("id"), int) and 0 < answer["id"] < number:
                    self.late[answer["id"]] = answer.get("result")
                else:
                    self._odd("answered a question that was not asked")
            if time.monotonic() > deadline:
                raise LimitError("no answer in time")
        raise NetworkError("no answer")

    def tell(self, method: str, seconds: float = 5.0) -> None:
        """Send a notification; what comes back does not matter."""
        for _ in self.wire.post({"jsonrpc": "2.0", "method": method}, seconds):
            return

    def _messages(self, raw: bytes) -> Iterator[dict[str, Any]]:
        try:
            value = json.loads(raw.decode("utf-8"))
        except UnicodeDecodeError:
            self._odd("sent bytes that are not UTF-8")
            try:
                value = json.loads(raw.decode("utf-8", "replace"))
            except (ValueError, RecursionError):
                return
        except (ValueError, RecursionError):
            if raw.strip():
                self._odd("sent text that is not JSON")
            return
        for message in value if isinstance(value, list) else [value]:
            if isinstance(message, dict):
                yield message
            else:
                self._odd("sent JSON that is no message")

    def _asked(self, question: dict[str, Any]) -> None:
        """Nothing that a server asks for is given: no model, no files, no person to ask."""
        method = question.get("method")
        if "id" not in question or not isinstance(method, str):
            return
        if method not in _ANSWERED:
            self._odd(f"asked the client for {method[:60]}")
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": question["id"]}
        if method in _ANSWERED:
            answer["result"] = {}
        else:
            answer["error"] = {"code": -32601, "message": "not offered"}
        reply: Callable[[Mapping[str, Any], float], Any] | None = getattr(self.wire, "reply", None)
        if reply is not None:
            reply(answer, 2.0)

    def _odd(self, what: str) -> None:
        if len(self.oddities) < 20:
            self.oddities[what] = None


def _is_for(answer: dict[str, Any], number: int) -> bool:
    """Whether an answer belongs to the question; one that could not be read is refused without its number."""
    if "error" in answer and answer.get("id") is None:
        return True
    return "id" in answer and str(answer["id"]) == str(number)


def _result(answer: dict[str, Any]) -> Any:
    error = answer.get("error")
    if error is not None:
        details = error if isinstance(error, dict) else {}
        code = details.get("code")
        text = " ".join(str(details.get("message", "an error")).split())[:200]
        raise RefusedError(text, code if isinstance(code, int) else 0)
    return answer.get("result")


def envelope(client: str = CLIENT["name"]) -> dict[str, Any]:
    """What revision 2026-07-28 wants in every question."""
    prefix = "io.modelcontextprotocol"
    return {
        f"{prefix}/protocolVersion": MODERN,
        f"{prefix}/clientInfo": {**CLIENT, "name": client},
        f"{prefix}/clientCapabilities": {},
    }
