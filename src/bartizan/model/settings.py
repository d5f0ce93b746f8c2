"""What the person asked for, as far as sensors need to know it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """Travels to every worker with the batch.

    `fingerprint_key` keys the fingerprints of secrets and is never stored with the results; `accepted` lists
    fingerprints that are no findings; `packs` are further folders of rules; `ports` is a profile (`ai`, `top`,
    `all`) or a list such as `80,8000-8100`. `staged` and `since` (a revision) leave of a path only what the next
    commit adds, or what was added since. `approved_servers` and `safe_tools` are the scope file's: MCP servers that may
    be there (any, when empty), and tools that may be called.
    """

    fingerprint_key: bytes = field(default=b"", repr=False)
    show_all: bool = False
    deep: bool = False
    run_stdio_servers: bool = False
    history: bool = True
    packs: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    staged: bool = False
    since: str = ""
    ports: str = "ai"
    approved_servers: tuple[str, ...] = ()
    safe_tools: tuple[str, ...] = ()
