"""Servers that configurations start: both eras, hostile ones, and what is left of them afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from bartizan.model.coverage import Coverage
from bartizan.model.errors import NetworkError
from bartizan.model.settings import Settings
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target, TargetKind
from bartizan.sources import stdio
from bartizan.sources.process import find_walls
from bartizan.sources.source import Batch
from bartizan.sources.stdio import Stdio, StdioDialogue

LEGACY = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    hello = {"protocolVersion": "2025-11-25", "serverInfo": {"name": "s"}, "capabilities": {"tools": {}}}
    result = {"initialize": hello,
              "tools/list": {"tools": [{"name": "add", "description": DESCRIPTION}]}}.get(message["method"])
    if "id" in message:
        answer = {"result": result} if result else {"error": {"code": -32601, "message": "Method not found"}}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer}), flush=True)
"""
MODERN = """
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "initialize":
        answer = {"error": {"code": -32600, "message": "only 2026-07-28"}}
    else:
        answer = {"result": {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "tools": []}}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer}), flush=True)
"""


def configure(folder: Path, **servers: str | list[str]) -> None:
    table: dict[str, Any] = {}
    for name, code in servers.items():
        script = folder / f"{name}.py"
        if isinstance(code, str):
            script.write_text(code)
            table[name] = {"command": sys.executable, "args": [str(script)], "env": {"GIVEN": "yes"}}
        else:
            table[name] = {"command": code[0], "args": code[1:]}
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": table}))


def sessions(folder: Path) -> list[StdioDialogue]:
    source = Stdio(Settings(run_stdio_servers=True), Guard())
    target = Target(TargetKind.PATH, str(folder), path=str(folder))
    found = [one for batch in source.batches(target) if isinstance(batch, Batch) for one in source.subjects(batch)]
    return [one for one in found if isinstance(one, StdioDialogue)]


def test_both_eras(tmp_path: Path) -> None:
    configure(tmp_path, old="DESCRIPTION = 'Adds.'\n" + LEGACY, new=MODERN)
    for session, era in zip(sessions(tmp_path), ("session", "modern"), strict=True):
        try:
            assert session.open()
            assert session.era == era
            assert isinstance(session.call("tools/list", {})["tools"], list)
            assert (session.location.path, session.location.record) == (".mcp.json", session.name)
        finally:
            session.close()


def test_nothing_but_the_configured_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNERS_SECRET", "hidden")
    configure(tmp_path, env="import os\nDESCRIPTION = ' '.join(sorted(os.environ))\n" + LEGACY)
    (session,) = sessions(tmp_path)
    try:
        session.open()
        names = set(session.call("tools/list", {})["tools"][0]["description"].split())
    finally:
        session.close()
    assert "GIVEN" in names
    assert names <= {"GIVEN", "PATH", "HOME", "PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}


@pytest.mark.skipif(not find_walls().cut, reason="this system does not let the network be cut off")
def test_the_network_is_cut_off(tmp_path: Path) -> None:
    code = "import socket\nDESCRIPTION = ' '.join(name for _, name in socket.if_nameindex())\n" + LEGACY
    configure(tmp_path, net=code)
    (session,) = sessions(tmp_path)
    try:
        session.open()
        assert session.call("tools/list", {})["tools"][0]["description"] == "lo"
    finally:
        session.close()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import time\ntime.sleep(60)", "no answer in time"),
        ("raise SystemExit(3)", "the program has ended"),
        ("import sys\nwhile True: sys.stdout.write('x' * 65536)", "a line is too long"),
        ("import sys\nfor line in sys.stdin: print('{nothing', flush=True)", "no answer in time"),
    ],
)
def test_what_does_not_answer_is_one_reason(
    tmp_path: Path, code: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stdio, "SECONDS", 2.0)
    monkeypatch.setattr(stdio, "PATIENCE", 0.7)
    configure(tmp_path, bad=code)
    (session,) = sessions(tmp_path)
    try:
        with pytest.raises(NetworkError) as caught:
            session.open()
    finally:
        session.close()
    assert caught.value.what in (f"bad: {reason}", "bad: the answer is too large", "bad: the program has ended")


def test_what_only_describes_a_server_is_never_started(tmp_path: Path) -> None:
    launch = {"command": sys.executable, "args": ["-c", "print()"]}
    (tmp_path / "manifest.json").write_text(json.dumps({"name": "b", "server": {"mcp_config": launch}}))
    package = {"registryType": "pypi", "identifier": "foo-mcp", "version": "1.0.0"}
    (tmp_path / "server.json").write_text(json.dumps({"name": "y", "packages": [package]}))
    source = Stdio(Settings(run_stdio_servers=True), Guard())
    target = Target(TargetKind.PATH, str(tmp_path), path=str(tmp_path))
    batches = [one for one in source.batches(target) if isinstance(one, Batch)]
    assert [one for batch in batches for one in source.subjects(batch)] == []


def test_missing_programs_and_disabled_servers(tmp_path: Path) -> None:
    configure(tmp_path, gone=["/nonexistent/server"])
    (session,) = sessions(tmp_path)
    with pytest.raises(NetworkError, match="not installed"):
        session.open()
    (tmp_path / ".mcp.json").write_text('{"mcpServers": {"a": {"command": "true", "disabled": true}}}')
    assert sessions(tmp_path) == []


def test_what_a_server_started_is_ended_with_it(tmp_path: Path) -> None:
    mark = f"bartizan-left-{os.getpid()}-{time.monotonic_ns()}"
    sleeper = f"[sys.executable, '-c', 'import time; time.sleep(60) # {mark}']"
    spawn = f"import subprocess, sys\nsubprocess.Popen({sleeper}, start_new_session=True)\n"
    configure(tmp_path, parent=spawn + "DESCRIPTION = 'x'\n" + LEGACY)
    (session,) = sessions(tmp_path)
    session.open()
    assert alive(mark)
    session.close()
    if find_walls().cut:
        assert gone(mark)


def alive(mark: str) -> bool:
    for process in psutil.process_iter():
        try:
            if mark in " ".join(process.cmdline()):
                return True
        except psutil.Error:
            continue
    return False


def gone(mark: str) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if not alive(mark):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_when_the_scan_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    mark = f"bartizan-stop-{os.getpid()}-{time.monotonic_ns()}"
    sleeper = [sys.executable, "-c", f"import time; time.sleep(60) # {mark}"]
    configure(tmp_path, slow=sleeper)
    command = [
        sys.executable,
        "-m",
        "bartizan",
        "scan",
        str(tmp_path),
        "--run-stdio-servers",
        "--no-store",
        "--jobs",
        "1",
    ]
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
    scan = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 30
    while not alive(mark) and time.monotonic() < end:
        time.sleep(0.1)
    assert alive(mark)
    scan.send_signal(number)
    scan.wait(30)
    if number == signal.SIGINT or find_walls().cut:
        assert gone(mark)


def test_unrunnable_configurations_are_said_elsewhere(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text('{"mcpServers": ')
    source = Stdio(Settings(run_stdio_servers=True), Guard())
    target = Target(TargetKind.PATH, str(tmp_path), path=str(tmp_path))
    found = [one for batch in source.batches(target) if isinstance(batch, Batch) for one in source.subjects(batch)]
    assert [one for one in found if not isinstance(one, Coverage)] == []
