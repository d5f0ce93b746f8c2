"""Regular expressions that rules may use: those that run in linear time."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

import msgspec
import re2

Pattern = Annotated[str, msgspec.Meta(extra={"pattern": True})]
"""A field of a sheet that holds a regular expression in RE2 syntax; the loader compiles it to check it."""


def flaw(pattern: str) -> str:
    """Say in a few words why RE2 refuses the pattern; the empty string when it does not."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options=options)
    except re2.error as error:
        reason = error.args[0] if error.args else "invalid"
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return ""


@lru_cache(maxsize=8192)
def compiled(pattern: str, ignore_case: bool = False, memory: int = 0) -> Any:
    """The compiled form, kept for the life of the process. Matches text or UTF-8 bytes alike.

    `memory` is the ceiling of its automaton in bytes, where RE2's own is too low to be fast.
    """
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    if memory:
        options.max_mem = memory
    return re2.compile(pattern, options=options)


@lru_cache(maxsize=8192)
def bytes_pattern(pattern: str, *, longest: bool = False, ignore_case: bool = False) -> Any:
    """The compiled form for bytes that may be in any encoding: each byte is one character.

    With `longest` the longest of the leftmost matches counts, else the first alternative.
    """
    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1
    options.longest_match = longest
    options.case_sensitive = not ignore_case
    options.dot_nl = True
    options.max_mem = 64 << 20
    return re2.compile(pattern.encode("latin-1"), options=options)
