"""The process behind a running lab: `python -m bartizan.lab.keeper FOLDER MINUTES`."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
import threading
from pathlib import Path

from bartizan.lab.estate import Estate, exchanges, read_estate, write_folder
from bartizan.lab.servers import LoopbackServer, chat_endpoint, mcp_server, recorded


def keep(folder: Path, minutes: float) -> None:
    """Write the lab's folder, serve until told to end or the time is up, and say in `lab.json` where."""
    estate = read_estate()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    write_folder(folder / "estate", estate, secrets.token_hex(8))
    servers = _serve(estate)
    targets = [str(folder / "estate"), *_targets(servers)]
    services = {name: server.url for name, server in servers.items()}
    state = {"pid": os.getpid(), "folder": str(folder / "estate"), "services": services, "targets": targets}
    (folder / "targets.txt").write_text("".join(f"{target}\n" for target in targets), "utf-8")
    draft = folder / "lab.json.new"
    draft.write_text(json.dumps(state, indent=1), "utf-8")
    draft.replace(folder / "lab.json")
    ended.wait(minutes * 60)
    for server in servers.values():
        server.shutdown()


def _serve(estate: Estate) -> dict[str, LoopbackServer]:
    responders = {product: recorded(exchanges(product)) for product in estate.products}
    responders["mcp"] = mcp_server(estate.tools)
    responders["chat"] = chat_endpoint(estate.chat, f"canary-{secrets.token_hex(6)}")
    servers = {name: LoopbackServer(responder) for name, responder in responders.items()}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return servers


def _targets(servers: dict[str, LoopbackServer]) -> list[str]:
    return [f"{server.url}/mcp" if name == "mcp" else server.url for name, server in servers.items()]


if __name__ == "__main__":
    keep(Path(sys.argv[1]), float(sys.argv[2]))
