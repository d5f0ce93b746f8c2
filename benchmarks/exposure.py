"""What sweeping and asking cost: `python benchmarks/exposure.py`. Everything stays on loopback.

CPU seconds are those of the asking process alone; the servers run in a process of their own.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import resource
import select
import socket
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

from bartizan.model.asset import Asset
from bartizan.model.service import Request
from bartizan.model.settings import Settings
from bartizan.net.connection import Door
from bartizan.net.pace import Pace
from bartizan.net.service import LiveService
from bartizan.net.sweep import Sweep
from bartizan.rules.case import read_cases
from bartizan.rules.index import BUILT_IN
from bartizan.rules.library import Library
from bartizan.rules.product import Product
from bartizan.scan.crowd import look_at_all
from bartizan.scope.guard import Guard
from bartizan.sensors.exposure.services import Services

MIX = ("ollama", "vllm", "litellm", "qdrant", "jupyterlab", "gradio", "langflow", "mlflow", "open-webui", "n8n")


def ends(first: str, count: int, ports: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    start = int.from_bytes(socket.inet_aton(first), "big")
    for number in range(start, start + count):
        address = socket.inet_ntoa(number.to_bytes(4, "big"))
        for port in ports:
            yield address, port


def replies_of(slug: str) -> dict[bytes, bytes]:
    """The recorded answers of a product's first case, ready to be sent."""
    product = next(item for item in Library().sheets(Product) if item.slug == slug)
    case = read_cases(BUILT_IN / "exposure" / f"{slug}.yaml", product.cases_for)[slug].must_match[0]
    table = {}
    for reply in case.exchanges:
        head = f"HTTP/1.1 {reply.status} X\r\n" + "".join(f"{name}: {text}\r\n" for name, text in reply.headers)
        body = reply.body.encode()
        table[reply.request.encode()] = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    return table


def serve(count: int, ready: Connection) -> None:
    """`count` listening ports in one process, the products of the mix in turn."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    tables = [replies_of(slug) for slug in MIX]
    lost = b"HTTP/1.1 404 X\r\ncontent-length: 9\r\ncontent-type: text/plain\r\n\r\nnot found"
    poller, known = select.epoll(), {}
    for number in range(count):
        server = socket.create_server(("127.0.0.1", 0), backlog=64)
        server.setblocking(False)
        known[server.fileno()] = (server, tables[number % len(tables)], True)
        poller.register(server.fileno(), select.EPOLLIN)
    ready.send([entry[0].getsockname()[1] for entry in known.values()])
    while True:
        for descriptor, _ in poller.poll():
            link, table, listens = known[descriptor]
            if listens:
                with contextlib.suppress(OSError):
                    taken, _ = link.accept()
                    known[taken.fileno()] = (taken, table, False)
                    poller.register(taken.fileno(), select.EPOLLIN)
                continue
            try:
                data = link.recv(65536)
            except OSError:
                data = b""
            if not data:
                poller.unregister(descriptor)
                del known[descriptor]
                link.close()
                continue
            line = data.split(b" HTTP/1.1", 1)[0]
            with contextlib.suppress(OSError):
                link.sendall(table.get(line) or table.get(b"*") or lost)


def resident() -> int:
    """Resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def measure_sweep() -> None:
    for name, count, ports in (("closed ports", 20_000, (9,)), ("/16 x 3 ports", 65_536, (9, 11, 13))):
        sweep, start, wall = Sweep(), time.process_time(), time.monotonic()
        found = len(list(sweep.run(ends("127.9.0.0", count, ports))))
        spent = time.process_time() - start
        print(f"| {name} | {sweep.sent} connects, {found} open | {spent:.2f} | {sweep.sent / spent:,.0f} per CPU-s "
              f"| {time.monotonic() - wall:.1f} |")  # fmt: skip


def measure_waiting() -> None:
    """Memory of sockets that wait: connects to a listener whose queue is full stay without an answer."""
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    port, count = server.getsockname()[1], 4000
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    sweep, before, seen = Sweep(timeout=3.0, width=count), resident(), []

    def counted() -> Iterator[tuple[str, int]]:
        for number in range(count):
            if number == count - 1:
                seen.append(resident())
            yield "127.0.0.1", port

    list(sweep.run(counted()))
    server.close()
    print(f"| waiting sockets | {sweep.silent} at once | - | {(seen[0] - before) / count:,.0f} bytes each | - |")


def measure_exchanges(ports: list[int]) -> None:
    door = Door(Guard(), Pace())
    service = LiveService(door, "127.0.0.1", ports[0])
    service.ask(Request("/"))
    start, wall, count = time.process_time(), time.monotonic(), 20_000
    for number in range(count):
        service.ask(Request(f"/{number}"))
    spent = time.process_time() - start
    print(f"| exchanges, kept connection | {count} | {spent:.2f} | {count / spent:,.0f} per CPU-s "
          f"| {time.monotonic() - wall:.1f} |")  # fmt: skip
    service.close()


def measure_services(ports: list[int]) -> None:
    sensor, door = Services(Library(), Settings()), Door(Guard(), Pace())
    services = [LiveService(door, "127.0.0.1", port) for port in ports]

    def look(service: LiveService) -> tuple[str, int]:
        seen = list(sensor.observe(service))
        service.close()
        names = [
            item.properties["product"] for item in seen if isinstance(item, Asset) and "product" in item.properties
        ]
        return str(names[0]) if len(names) == 1 else "", len(service.asked())

    start, wall = time.process_time(), time.monotonic()
    results = list(look_at_all(services, look, 64))
    spent = time.process_time() - start
    right = sum(name == MIX[number % len(MIX)] for number, (name, _) in enumerate(results))
    asked = sorted(count for _, count in results)
    print(f"| live services identified | {right} of {len(ports)} right, median {asked[len(asked) // 2]} and at most "
          f"{asked[-1]} questions | {spent:.2f} | {spent / len(ports) * 1000:.1f} ms each | {time.monotonic() - wall:.1f} |")  # fmt: skip


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(1000, theirs), daemon=True)
    server.start()
    ports = ours.recv()
    print("| what | how much | CPU s | rate | wall s |\n|---|---|---|---|---|")
    measure_sweep()
    measure_waiting()
    measure_exchanges(ports)
    measure_services(ports)
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    server.terminate()


if __name__ == "__main__":
    main()
