"""Calls of tools that the owner named as safe: what comes back must not steer the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bartizan.model.errors import NetworkError
from bartizan.model.session import ServerSession
from bartizan.model.severity import Confidence
from bartizan.rules.wording import Passage
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.sensors.mcp.offer import Item, Offer
from bartizan.sensors.mcp.texts import TextJudge

MOST_CALLS = 20
MOST_TEXTS = 50


def canary_flaws(session: ServerSession, offer: Offer, judge: TextJudge, safe: tuple[str, ...]) -> Iterator[Flaw]:
    """Each tool named (as `tool`, or `server/tool`) is called once, without arguments; one that needs some is left
    alone, since made-up arguments are not what the owner agreed to.
    """
    named = [item for item in offer.of_kind("tool") if {item.name, f"{offer.name}/{item.name}"} & set(safe)]
    for item in named[:MOST_CALLS]:
        if _needs_arguments(item):
            continue
        try:
            result = session.call("tools/call", {"name": item.name, "arguments": {}})
        except NetworkError:
            continue
        texts = [((), Passage(f"/result/{number}", text)) for number, text in enumerate(_texts(result))]
        for flaw in judge.judge("tool", texts, offer.tool_names):
            yield Flaw(
                "result-injection",
                (),
                f"the result of {item.name}: {flaw.summary}",
                severity=flaw.severity,
                confidence=Confidence.FIRM,
                detail=flaw.detail,
                proof=f"{item.name}|{flaw.proof}",
            )


def _needs_arguments(item: Item) -> bool:
    required = item.schema.get("required")
    return isinstance(required, list) and bool(required)


def _texts(result: Any) -> list[str]:
    content = result.get("content") if isinstance(result, dict) else None
    parts = content[:MOST_TEXTS] if isinstance(content, list) else []
    return [part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str)]
