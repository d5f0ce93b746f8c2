"""What listens on this machine, and which process does."""

from __future__ import annotations

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening TCP socket: `bind` is the address it listens on; `process` its process's name, if it may be seen."""

    port: int = 0
    bind: str = ""
    process: str = ""


def read_listeners() -> dict[int, Listener]:
    """Listening sockets by port; where a port is bound several times, the most open bind stands."""
    found: dict[int, Listener] = {}
    try:
        connections = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return found
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or not connection.laddr:
            continue
        listener = Listener(connection.laddr.port, connection.laddr.ip, _process(connection.pid))
        known = found.get(listener.port)
        if known is None or _openness(listener.bind) > _openness(known.bind):
            found[listener.port] = listener
    return found


def is_open_to_all(bind: str) -> bool:
    """Whether the address stands for every interface."""
    return bind in ("0.0.0.0", "::", "*")  # noqa: S104 - it is looked for, not bound


def _openness(bind: str) -> int:
    return 2 if is_open_to_all(bind) else 0 if bind.startswith("127.") or bind == "::1" else 1


def _process(number: int | None) -> str:
    if not number:
        return ""
    try:
        return psutil.Process(number).name()
    except (psutil.Error, OSError):
        return ""
