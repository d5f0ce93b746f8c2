"""Cases: what a rule must match, and what it must leave alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from bartizan.model.errors import RuleError
from bartizan.syntax.strictyaml import read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReply:
    """One recorded answer. `body` is text, `body_base64` bytes; headers as received."""

    request: str
    """`GET /path`, or `redis PING` for another protocol."""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    body_base64: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAsset:
    """Something that the inventory already holds, for rules of correlators."""

    kind: str
    name: str
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseServer:
    """An MCP server, written down: results by method, and what it lets pass.

    `accepts` lists what is answered although it should not be: `origin`, `host`, `token` (any), `mismatch` (a header
    that contradicts the message), `made-up-id`, `ended-id`. `challenge` are the headers of its refusal (401) when it
    wants credentials; `pages` the JSON at other paths and addresses; `sessions` the ids that it hands out.
    """

    url: str = "http://127.0.0.1:8000/mcp"
    era: str = "modern"
    transport: str = "http"
    bind: str = "127.0.0.1"
    greeting: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    other_results: dict[str, Any] = field(default_factory=dict)
    """What another client is told instead."""
    accepts: tuple[str, ...] = ()
    challenge: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    pages: dict[str, Any] = field(default_factory=dict)
    sessions: tuple[str, ...] = ()
    error: str = '{"jsonrpc": "2.0", "id": null, "error": {"code": -32700, "message": "Parse error"}}'
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One subject, written down.

    Exactly one of: `text` (expanded, see `rules.sample`) or `base64` for a blob at `path`; `files`, a folder of
    texts by relative path; `exchanges`, a recorded service on `port` (what is not recorded is answered 404, or by
    the reply recorded for `*`); `assets`, an inventory for the domain's correlators; `servers`, MCP servers. `mode`
    are a blob's permission bits, `before` is its text in an earlier scan. `expect` are properties that the asset must
    show (a version, an access state). `scope` holds `approved_servers` and `safe_tools` of a scope file.
    """

    name: str
    path: str = "case.txt"
    text: str | None = None
    base64: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    """Symbolic links beside the files, and where each leads."""
    exchanges: tuple[CaseReply, ...] = ()
    port: int = 80
    tls: bool = False
    bind: str = ""
    address: str = "127.0.0.1"
    mode: int | None = None
    expect: dict[str, Any] = field(default_factory=dict)
    assets: tuple[CaseAsset, ...] = ()
    before: str | None = None
    servers: tuple[CaseServer, ...] = ()
    scope: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Both kinds of case, at least one of each."""

    must_match: tuple[Case, ...]
    must_not_match: tuple[Case, ...]


def read_cases(sheet: Path, names: tuple[str, ...] = ()) -> dict[str, Cases]:
    """The cases beside a sheet by the name they are for: a rule's id, or what else `names` lists.

    Without names whatever stands there is returned. A file for a single name may hold `must_match` and
    `must_not_match` at its top. Raises RuleError when the file or one kind of case is missing.
    """
    path = sheet.with_name(sheet.name.removesuffix(".yaml") + ".cases.yaml")
    if not path.is_file():
        raise RuleError(f"{sheet}: has no cases file {path.name}")
    head = read_yaml(path, dict[str, Any], RuleError)
    if "must_match" in head or "must_not_match" in head:
        if len(names) > 1:
            raise RuleError(f"{path}:1: the sheet has several rules; put the cases under their ids")
        table = {(names or (sheet.stem,))[0]: read_yaml(path, Cases, RuleError)}
    else:
        table = read_yaml(path, dict[str, Cases], RuleError)
    for name in names:
        cases = table.get(name)
        if cases is None:
            raise RuleError(f"{path}:1: no cases for {name}")
        if not cases.must_match or not cases.must_not_match:
            raise RuleError(f"{path}:1: {name} needs at least one case of each kind")
    for name in table:
        if names and name not in names:
            raise RuleError(f"{path}:1: cases for {name}, which the sheet does not define")
    return table


def encode_cases(table: dict[str, Cases]) -> bytes:
    """The cases as YAML, as `bartizan rules new` writes them."""
    return msgspec.yaml.encode(table)
