"""Lists of tools beside a configuration: they find the servers that they are of, and only those."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TOOLS: dict[str, list[dict[str, Any]]] = {
    name: [{"name": tool, "description": says, "inputSchema": {"type": "object"}}]
    for name, tool, says in (
        ("helpdesk", "list_tickets", "Lists tickets that customers opened."),
        ("crm", "get_customer", "Reads a customer's record with phone number."),
        ("outbox", "send_mail", "Sends an e-mail to any address."),
    )
}


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def configure(root: Path, place: str = ".mcp.json", **more: dict[str, Any]) -> None:
    servers = {
        name: {"command": "node", "args": [f"/opt/acme/{name}/server.js"]} | more.get(name, {}) for name in TOOLS
    }
    write(root / place, {"mcpServers": servers})


def loud(bartizan: Callable[..., Any], root: Path) -> set[str]:
    """The folders of the cases in which a flow asks for action."""
    ran = bartizan("scan", root, "--only", "mcp", "--no-store", "--quiet", "--format", "json")
    return {
        found["location"]["path"].partition("/")[0]
        for found in ran.document["findings"]
        if found["rule"] == "mcp/toxic-flow" and found["severity"] in ("medium", "high", "critical")
    }


PLACES = (".mcp.json", ".cursor/mcp.json", "Library/Application Support/Claude/claude_desktop_config.json")
FILES = (
    "{}.tools.json", "tools/{}.json", "listings/{}-tools.json", "dumps/{}/tools-list.json", "tools-{}.json",
)  # fmt: skip


def test_names_of_files_and_folders(bartizan: Callable[..., Any], tmp_path: Path) -> None:
    cases = {f"{one}-{two}" for one in range(len(PLACES)) for two in range(len(FILES))}
    for case in cases:
        place, file = (int(part) for part in case.split("-"))
        configure(tmp_path / case, PLACES[place])
        for name, tools in TOOLS.items():
            write(tmp_path / case / FILES[file].format(name), {"tools": tools})
    assert loud(bartizan, tmp_path) == cases


SHAPES: dict[str, Callable[[], Any]] = {
    "list": lambda: [{"name": name, "tools": tools} for name, tools in TOOLS.items()],
    "servers": lambda: {"servers": {name: {"tools": tools} for name, tools in TOOLS.items()}},
    "bare": lambda: dict(TOOLS),
    "answers": lambda: {name: {"jsonrpc": "2.0", "id": 1, "result": {"tools": tools}} for name, tools in TOOLS.items()},
    "info": lambda: [{"server": {"name": f"acme-{name}-mcp"}, "tools": tools} for name, tools in TOOLS.items()],
    "by name": lambda: [
        {"name": name, "tools": {tool["name"]: {k: v for k, v in tool.items() if k != "name"} for tool in tools}}
        for name, tools in TOOLS.items()
    ],
}


def test_lists_of_several_servers_in_one_file(bartizan: Callable[..., Any], tmp_path: Path) -> None:
    for shape, made in SHAPES.items():
        configure(tmp_path / shape, "home/ana/.cursor/mcp.json")
        write(tmp_path / shape / "listings" / "all.json", made())
    assert loud(bartizan, tmp_path) == set(SHAPES)


def test_as_many_lists_as_unknown_servers_belong_together(bartizan: Callable[..., Any], tmp_path: Path) -> None:
    for number, (case, files) in enumerate((("as-many", ("x1", "x2", "x3")), ("fewer", ("x1",)))):
        configure(tmp_path / case)
        for name, tools in zip(files, list(TOOLS.values())[-number:] + list(TOOLS.values())[:-number], strict=False):
            write(tmp_path / case / "dumps" / f"{name}.json", {"tools": tools})
    assert loud(bartizan, tmp_path) == {"as-many"}


@pytest.mark.parametrize("silent", ["not configured", "disabled", "another project's"])
def test_lists_of_others_do_not_count(bartizan: Callable[..., Any], tmp_path: Path, silent: str) -> None:
    root = tmp_path / "case"
    off = {"disabled": True}
    if silent == "disabled":
        configure(root, helpdesk=off, outbox=off)
    else:
        write(
            root / ".mcp.json", {"mcpServers": {name: {"command": "node", "args": [name]} for name in ("crm", "time")}}
        )
    folder = root / ("other" if silent == "another project's" else "tools")
    if silent == "another project's":
        write(folder / ".mcp.json", {"mcpServers": {"crm": {"command": "node", "args": ["crm"]}}})
    for name, tools in TOOLS.items():
        write(folder / f"{name}.json", {"tools": tools})
    assert loud(bartizan, tmp_path) == set()
