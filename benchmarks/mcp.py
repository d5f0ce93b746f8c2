"""Figures of the MCP domain: `python benchmarks/mcp.py [--listings FOLDER] [--config FILE]`.

Without arguments it makes its own material: tools with descriptions and schemas of ordinary length, and five servers
that take one to two seconds to start. `--listings` measures JSON dumps of real servers instead, `--config` the servers
of a client configuration. CPU time and ratios, since the machine is rarely idle.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from bartizan.model.blob import Blob
from bartizan.model.finding import Finding
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.model.severity import Severity
from bartizan.rules.library import Library
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target, TargetKind
from bartizan.sensors.mcp.listings import Listings
from bartizan.sources.document import read_documents
from bartizan.sources.source import Batch
from bartizan.sources.stdio import Stdio, StdioDialogue

ROUNDS = 3
SERVER = """
import json, sys, time
time.sleep(float(sys.argv[1]))
for line in sys.stdin:
    message = json.loads(line)
    results = {"initialize": {"protocolVersion": "2025-11-25", "serverInfo": {"name": "s"}, "capabilities": {"tools": {}}},
               "tools/list": {"tools": []}}
    if "id" in message:
        known = message["method"] in results
        answer = {"result": results[message["method"]]} if known else {"error": {"code": -32601, "message": "unknown"}}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer}), flush=True)
"""


def made_listing(count: int) -> bytes:
    """Tools with a description of about 600 characters and six described parameters each."""
    text = "Searches the records of a project and returns those that match. Use the filter to narrow the result. " * 6
    properties = {
        f"parameter_{number}": {"type": "string", "description": "Name of the field, for example a date or an owner."}
        for number in range(6)
    }
    tools = [
        {"name": f"tool_{number}", "description": text, "inputSchema": {"type": "object", "properties": properties}}
        for number in range(count)
    ]
    return json.dumps({"tools": tools}).encode()


def measure_texts(blobs: list[Blob]) -> None:
    """CPU time of analysing the listings, for 300 tools, beside that of parsing them."""
    sensor = Listings(Library(), Settings())
    documents = [document for blob in blobs if sensor.wants(blob) for document in read_documents(blob)]
    tools = sum(len(document.value.get("tools", ())) for document in documents if isinstance(document.value, dict))
    for document in documents:
        list(sensor.observe(document))
    best, loud = float("inf"), 0
    for _ in range(3):
        start = time.process_time()
        seen = [one for document in documents for one in sensor.observe(document)]
        best = min(best, time.process_time() - start)
        loud = sum(isinstance(one, Finding) and one.severity.at_least(Severity.MEDIUM) for one in seen)
    start = time.process_time()
    for blob in blobs:
        json.loads(blob.bytes())
    parsing = time.process_time() - start
    print(
        f"{tools} tools: {best:.2f} s CPU, {best * 300 / max(tools, 1):.2f} s for 300 (parsing alone {parsing:.3f} s)"
    )
    print(f"reported at medium or above: {loud} of {tools}")


def measure_starts(config: Path | None) -> None:
    """Wall time of listing all servers side by side, beside the slowest one's own."""
    with tempfile.TemporaryDirectory() as folder:
        if config is None:
            script = Path(folder, "server.py")
            script.write_text(SERVER)
            table = {
                f"s{number}": {"command": sys.executable, "args": [str(script), str(1 + number / 4)]}
                for number in range(5)
            }
            config = Path(folder, ".mcp.json")
            config.write_text(json.dumps({"mcpServers": table}))
        rounds = []
        for _ in range(ROUNDS):
            alone = [timed(session) for session in sessions(config)]
            rounds.append((side_by_side(timed, config), max(alone), side_by_side(bare, config)))
    ratio = median(whole / slowest for whole, slowest, _ in rounds)
    floor = median(without / slowest for _, slowest, without in rounds)
    whole, slowest, without = (median(column) for column in zip(*rounds, strict=True))
    print(
        f"{len(alone)} servers, medians of {ROUNDS}: {whole:.2f} s side by side, slowest alone {slowest:.2f} s, "
        f"ratio {ratio:.2f}; started bare, without this program: {without:.2f} s, ratio {floor:.2f}"
    )


def side_by_side(work: Callable[[StdioDialogue], float], config: Path) -> float:
    """Wall time of doing it with all servers at once."""
    together = sessions(config)
    start = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, together))
    return time.monotonic() - start


def bare(session: StdioDialogue) -> float:
    """The least that any client could do: start the program, greet it, ask for its tools, end it."""
    start = time.monotonic()
    words = [word.text for word in session.entry.argv]
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bare", "version": "1"}}
    questions = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}},
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(b"".join(json.dumps(question).encode() + b"\n" for question in questions))
        program.stdin.flush()
        for line in program.stdout:
            if b'"id":2' in line.replace(b" ", b""):
                break
        program.kill()
    return time.monotonic() - start


def sessions(config: Path) -> list[StdioDialogue]:
    source = Stdio(Settings(run_stdio_servers=True), Guard())
    target = Target(TargetKind.PATH, str(config), path=str(config))
    found = [one for batch in source.batches(target) if isinstance(batch, Batch) for one in source.subjects(batch)]
    return [one for one in found if isinstance(one, StdioDialogue)]


def timed(session: StdioDialogue) -> float:
    start = time.monotonic()
    try:
        session.open()
        session.call("tools/list", {})
        return time.monotonic() - start
    finally:
        session.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--listings", type=Path)
    parser.add_argument("--config", type=Path)
    given = parser.parse_args()
    files = sorted(given.listings.glob("*.json")) if given.listings else []
    contents = [file.read_bytes() for file in files] or [made_listing(300)]
    measure_texts([Blob(Location(path=f"{number}.json"), content, "text") for number, content in enumerate(contents)])
    measure_starts(given.config)


if __name__ == "__main__":
    main()
