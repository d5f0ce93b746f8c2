"""Finds listening ports: non-blocking connects, many at once, on raw sockets and epoll."""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

End = tuple[str, int]
"""An address and a port."""

_EXHAUSTED = frozenset({errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN})
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MAX_TRIES = 400


def written(version: int, number: int) -> str:
    """An address of that IP version from its number; quicker than `ipaddress` for the many of a network."""
    if version == 4:
        return socket.inet_ntoa(number.to_bytes(4, "big"))
    return socket.inet_ntop(socket.AF_INET6, number.to_bytes(16, "big"))


@dataclass(slots=True)
class Sweep:
    """One sweep. `width` sockets are under way at most; each gets `timeout` seconds.

    What this machine cannot do for the moment (no free local port, descriptor or buffer) is put back, the width is
    halved, and it is tried again: it is never taken for a closed port. After the run the counts say what became
    of every end; `undone` are those that could not be tried even so.
    """

    timeout: float = 2.0
    width: int = 512
    closed: int = 0
    silent: int = 0
    sent: int = 0
    undone: list[End] = field(default_factory=list)
    _waiting: dict[int, tuple[socket.socket, End, float]] = field(default_factory=dict, repr=False)
    _back: deque[End] = field(default_factory=deque, repr=False)
    _poller: select.epoll | _Poll | None = field(default=None, repr=False)

    def run(self, ends: Iterable[End]) -> Iterator[End]:
        """The ends that accept a connection, as they are found. Connections are reset, not lingered."""
        self._poller = poller = select.epoll() if hasattr(select, "epoll") else _Poll()
        source, more, width, tries = iter(ends), True, self.width, 0
        waiting, back = self._waiting, self._back
        try:
            while more or back or waiting:
                blocked = False
                while len(waiting) < width and (more or back):
                    end = back.popleft() if back else next(source, None)
                    if end is None:
                        more = False
                        break
                    code = self._start(end)
                    if code == 0:
                        yield end
                    elif code in _EXHAUSTED:
                        back.appendleft(end)
                        blocked = True
                        break
                if blocked:
                    width, tries = max(8, width // 2), tries + 1
                    if tries > _MAX_TRIES and not waiting:
                        self.undone.append(back.popleft())
                        continue
                    time.sleep(0.02)
                elif tries:
                    width, tries = min(self.width, width + 8), tries - 1
                if waiting:
                    yield from self._gather(poller.poll(0.02 if blocked else 0.25))
        finally:
            for link, _, _ in waiting.values():
                link.close()
            waiting.clear()
            poller.close()

    def _start(self, end: End) -> int:
        """Begin to connect; 0 when it is open already, an errno when it failed, EINPROGRESS when under way."""
        try:
            family = socket.AF_INET6 if ":" in end[0] else socket.AF_INET
            link = socket.socket(family, socket.SOCK_STREAM | getattr(socket, "SOCK_NONBLOCK", 0))
        except OSError as error:
            return error.errno or errno.EMFILE
        if not hasattr(socket, "SOCK_NONBLOCK"):
            link.setblocking(False)
        try:
            code = link.connect_ex(end)
        except OSError:
            code = errno.EINVAL
        self.sent += 1
        if code == errno.EINPROGRESS:
            number = link.fileno()
            self._waiting[number] = (link, end, time.monotonic() + self.timeout)
            if self._poller is not None:
                self._poller.register(number, select.POLLOUT)
            return code
        if code in _EXHAUSTED:
            self.sent -= 1
        elif code != 0:
            self.closed += 1
        self._drop(link, code == 0)
        return code

    def _gather(self, events: list[tuple[int, int]]) -> Iterator[End]:
        for number, _ in events:
            link, end, _ = self._waiting.pop(number)
            code = link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if self._poller is not None:
                self._poller.unregister(number)
            self._drop(link, code == 0)
            if code == 0:
                yield end
            elif code in _EXHAUSTED:
                self._back.append(end)
            else:
                self.closed += 1
        if not events or len(self._waiting) >= self.width:
            self._expire(time.monotonic())

    def _expire(self, now: float) -> None:
        """Give up on the oldest; the dictionary is in the order of their deadlines."""
        while self._waiting:
            number = next(iter(self._waiting))
            link, _, deadline = self._waiting[number]
            if deadline > now:
                return
            del self._waiting[number]
            if self._poller is not None:
                self._poller.unregister(number)
            link.close()
            self.silent += 1

    def _drop(self, link: socket.socket, connected: bool) -> None:
        if connected:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        link.close()


class _Poll:
    """`select.poll` in epoll's clothes, for systems without epoll."""

    def __init__(self) -> None:
        self._poll = select.poll()

    def register(self, number: int, events: int) -> None:
        self._poll.register(number, events)

    def unregister(self, number: int) -> None:
        self._poll.unregister(number)

    def poll(self, seconds: float) -> list[tuple[int, int]]:
        return self._poll.poll(seconds * 1000)

    def close(self) -> None:
        """Nothing is held."""
