"""Labelled live servers, scanned as a person would: each flaw is found, and the careful ones are left alone."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bartizan.model.severity import Severity


def _neighbour(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


doors = _neighbour("doors")
cases = _neighbour("doorcases")


def loud(bartizan: Callable[..., Any], table: dict[str, Any], floor: str) -> dict[str, set[str]]:
    """One scan of all servers of the table: what each is told of at that severity or above."""
    with ExitStack() as stack:
        served = {name: stack.enter_context(doors.serving(door)) for name, (door, _) in table.items()}
        urls = [f"{server.base}/mcp" for server in served.values()]
        ran = bartizan("scan", *urls, "--only", "mcp", "--format", "json", "--no-store", "--quiet")
        ports = {server.server_address[1]: name for name, server in served.items()}
    assert ran.document["errors"] == []
    found: dict[str, set[str]] = {name: set() for name in table}
    for one in ran.document["findings"]:
        if Severity(one["severity"]).at_least(Severity(floor)):
            found[ports[one["location"]["port"]]].add(one["rule"].removeprefix("mcp/"))
    return found


def test_each_flaw_is_found(bartizan: Callable[..., Any]) -> None:
    found = loud(bartizan, cases.FLAWED, "low")
    assert [name for name, (_, due) in cases.FLAWED.items() if due not in found[name]] == []


def test_careful_servers_are_left_alone(bartizan: Callable[..., Any]) -> None:
    found = loud(bartizan, cases.CAREFUL, "medium")
    assert found == {name: allowed for name, (_, allowed) in cases.CAREFUL.items()}
