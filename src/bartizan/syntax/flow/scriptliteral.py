"""Literals of JavaScript, and the text and line of a node."""

from __future__ import annotations

from typing import Any


def text_of(node: Any) -> str:
    """Source of a node; empty for the missing part of what does not parse."""
    return "" if node is None else str(node.text.decode("utf-8", "replace"))


def line_of(node: Any) -> int:
    """The line of a node, from 1."""
    return int(node.start_point[0]) + 1


def key_of(node: Any) -> str:
    """The key of a pair, quoted or not."""
    return string_of(node) if node is not None and node.type == "string" else text_of(node)


def string_of(node: Any) -> str:
    """What a string literal says."""
    text = text_of(node)[1:-1]
    if "\\" not in text:
        return text
    for escaped, plain in (("\\n", "\n"), ("\\t", "\t"), ("\\'", "'"), ('\\"', '"'), ("\\`", "`"), ("\\\\", "\\")):
        text = text.replace(escaped, plain)
    return text


def literal_of(node: Any) -> str | int | float | bool | None:
    """The value of a literal; None also for null and undefined."""
    if node.type == "string":
        return string_of(node)
    if node.type == "number":
        return _number(text_of(node))
    return node.type == "true" if node.type in ("true", "false") else None


def _number(text: str) -> int | float | None:
    try:
        return int(text, 0)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None
