"""Starts real servers on loopback, and says what a scan sees of each.

python tests/real/fleet.py install            make the environments under $FLEET (a folder of your choice)
python tests/real/fleet.py run [NAME...]       start each, scan it, compare, stop it; prints a table
python tests/real/fleet.py record FOLDER [NAME...]  also write the exchanges as cases
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FLEET = Path(os.environ.get("FLEET", "fleet"))
SERVERS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("fleet.yaml").read_text())


@dataclass(frozen=True)
class Server:
    """One line of the fleet, with what it is started by."""

    entry: dict[str, Any]

    @property
    def folder(self) -> Path:
        return FLEET.with_name(FLEET.name + "-" + self.entry.get("venv", ""))

    @property
    def node(self) -> Path:
        return Path(os.environ.get("FLEET_NPM", str(FLEET / "npm"))) / "node_modules"

    @property
    def site(self) -> Path:
        return next(iter(self.folder.glob("lib/python3*/site-packages")), self.folder)

    def is_here(self) -> bool:
        entry = self.entry
        if entry.get("off") or (entry.get("needs") and not shutil.which(entry["needs"])):
            return False
        if "venv" in entry:
            program = shlex.split(entry["run"])[0].replace("{bin}", str(self.folder / "bin"))
            return bool(Path(program).exists() or shutil.which(program)) and self.folder.exists()
        if "npm" in entry:
            return bool((self.node / entry["npm"]).exists())
        return shutil.which(entry["program"]) is not None

    def release(self) -> str:
        """The version that is installed, or nothing when none is to be read."""
        if name := self.entry.get("release"):
            wanted = name.lower().replace("-", "_")
            for info in self.site.glob("*.dist-info"):
                if info.name.lower().replace("-", "_").startswith(
                    wanted + "_"
                ) is False and not info.name.lower().replace("-", "_").rsplit(".dist_info")[0].startswith(wanted):
                    continue
                package, _, rest = info.name.removesuffix(".dist-info").rpartition("-")
                if package.lower().replace("-", "_").replace(".", "_") == wanted:
                    return rest
        if name := self.entry.get("npm_release"):
            return str(yaml.safe_load((self.node / name / "package.json").read_text())["version"])
        return ""

    @contextmanager
    def running(self) -> Iterator[int]:
        """Started, and its port open; ended with all its children. Raises TimeoutError."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            ports = [_free_port() for _ in range(3)]
            words = {"{port}": str(ports[0]), "{port2}": str(ports[1]), "{port3}": str(ports[2]), "{dir}": folder}
            words |= {"{bin}": str(self.folder / "bin"), "{node}": str(self.node / ".bin"), "{site}": str(self.site)}
            for name, text in self.entry.get("files", {}).items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(_filled(text, words))
            environment = dict(os.environ) | {
                key: _filled(str(value), words) for key, value in self.entry.get("env", {}).items()
            }
            environment["PATH"] = f"{self.folder / 'bin'}:{environment['PATH']}"
            where = folder if self.entry.get("cwd") else None
            if before := self.entry.get("before"):
                subprocess.run(_words(before, words), env=environment, check=False, capture_output=True, timeout=300)
            with Path(folder, "log").open("wb") as log:
                process = subprocess.Popen(
                    _words(self.entry["run"], words),
                    cwd=where,
                    env=environment,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
                try:
                    _wait(ports[0], process, float(self.entry.get("seconds", 45)), Path(folder, "log"))
                    yield ports[0]
                finally:
                    _end(process)


def _filled(text: str, words: dict[str, str]) -> str:
    for mark, value in words.items():
        text = text.replace(mark, value)
    return text


def _words(command: str, words: dict[str, str]) -> list[str]:
    return [_filled(word, words) for word in shlex.split(command)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise TimeoutError(f"ended: {log.read_text(errors='replace')[-600:]}")
        try:
            with socket.create_connection(("127.0.0.1", port), 0.5):
                time.sleep(2.0)
                return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError(f"not listening: {log.read_text(errors='replace')[-600:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(8)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def install() -> None:
    """Make every environment that is not there yet."""
    for entry in SERVERS:
        server = Server(entry)
        if "packages" in entry and not server.folder.exists():
            venv.create(server.folder, with_pip=True)
            subprocess.run([server.folder / "bin/pip", "install", "-q", *entry["packages"]], check=False)
    names = sorted({entry["npm"] for entry in SERVERS if "npm" in entry})
    server = Server(SERVERS[0])
    server.node.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", *names], cwd=server.node.parent, check=False)


def compare(server: Server, assets: list[Any]) -> list[str]:
    """What is wrong with what a scan said; nothing when all is right."""
    entry, wrong = server.entry, []
    seen = {str(asset.properties["product"]): asset.properties for asset in assets if "product" in asset.properties}
    named = {product for product, said in seen.items()} - (
        {"mcp-server"} if entry["product"] != "mcp-server" else set()
    )
    if entry["product"] == "mcp-server":
        named -= {"mcp-proxy"}
    if entry["product"] not in seen and entry["product"]:
        return [f"not recognised (seen: {sorted(seen) or 'nothing'})"]
    if named - {entry["product"]}:
        wrong.append(f"wrong name {sorted(named - {entry['product']})}")
    said = seen.get(entry["product"], {})
    if "access" in entry and said.get("access") != entry["access"]:
        wrong.append(f"access {said.get('access')}, not {entry['access']}")
    release = server.release()
    if said.get("version_of") == entry["product"] and said.get("version") != release and release:
        wrong.append(f"version {said.get('version')}, not {release}")
    if release and not said.get("version"):
        wrong.append(f"no version, installed is {release}")
    return wrong


def look(port: int) -> tuple[list[Any], list[Any]]:
    """Assets and exchanges of one endpoint, by the product's own parts."""
    from bartizan.model.asset import Asset
    from bartizan.model.settings import Settings
    from bartizan.net.connection import Door
    from bartizan.net.pace import Pace
    from bartizan.net.service import LiveService
    from bartizan.rules.library import Library
    from bartizan.scope.guard import Guard
    from bartizan.sensors.exposure.services import Services

    service = LiveService(Door(Guard(), Pace()), "127.0.0.1", port)
    seen = list(Services(Library(), Settings()).observe(service))
    return [item for item in seen if isinstance(item, Asset)], list(service.asked())


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["install"]:
        install()
        return 0
    record = Path(arguments[1]) if arguments[:1] == ["record"] else None
    names = arguments[2:] if record else arguments[1:]
    bad = 0
    for entry in SERVERS:
        server = Server(entry)
        if (names and entry["name"] not in names) or not server.is_here():
            continue
        try:
            with server.running() as port:
                assets, asked = look(port)
                wrong = compare(server, assets)
                if wrong and any("not recognised" in what for what in wrong):
                    time.sleep(10)
                    assets, asked = look(port)
                    wrong = compare(server, assets)
        except TimeoutError as error:
            print(f"| {entry['name']} | did not start | {str(error)[-300:]!r} |", flush=True)
            continue
        bad += bool(wrong)
        said = [asset.properties for asset in assets if "product" in asset.properties]
        what = "; ".join(
            f"{it['product']} {it.get('version', '-')} ({it.get('version_of', '')}) {it['access']}" for it in said
        )
        print(f"| {entry['name']} | {what or 'nothing'} | {len(asked)} | {'; '.join(wrong) or 'right'} |", flush=True)
        if record:
            record.mkdir(parents=True, exist_ok=True)
            (record / f"{entry['name']}.txt").write_text(_transcript(asked))
    return 1 if bad else 0


def _transcript(asked: list[Any]) -> str:
    parts = []
    for request, reply in asked:
        head = "".join(f"{name}: {value}\n" for name, value in reply.headers)
        parts.append(f">>> {request.protocol} {request.method} {request.path}\n{reply.status} {reply.error}\n{head}\n")
        parts.append(reply.body[:3000].decode("utf-8", "replace") + "\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
