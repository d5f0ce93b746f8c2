"""Starts a program that is not trusted: in its own session, without network where the system allows, and ended surely.

On Linux the tools of util-linux make the walls: `unshare` gives it a network and a process tree of its own (as root, or
in a user namespace), `setpriv` has the kernel end it when this process dies in any way. Elsewhere it gets a session of
its own and is ended with it; `Walls.cut` says which.
"""

from __future__ import annotations

import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

import psutil

from bartizan.model.errors import LimitError, NetworkError

MAX_MEMORY = 1 << 30
"""Resident bytes of the program and all that it started."""
MAX_WRITTEN = 256 << 20
PATIENCE = 0.05
"""Seconds between asking a program to end and ending it: it was only asked for lists, and has nothing to save."""
_LOOPBACK_UP = 'ip link set lo up 2>/dev/null; exec "$@"'


@dataclass(frozen=True, slots=True)
class Walls:
    """What stands before the command, and whether the network is cut off."""

    prefix: tuple[str, ...]
    cut: bool


@lru_cache(maxsize=1)
def find_walls() -> Walls:
    """The best walls that this system gives, found out by trying."""
    if not sys.platform.startswith("linux"):
        return Walls((), cut=False)
    last = ("setpriv", "--pdeathsig", "KILL", "--") if shutil.which("setpriv") else ()
    tree = ("--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--net")
    for own in ((), ("--user", "--map-root-user")):
        prefix = (*last, "unshare", *own, *tree, "--", "/bin/sh", "-c", _LOOPBACK_UP, "sh")
        if shutil.which("unshare") and _works((*prefix, "true")):
            return Walls(prefix, cut=True)
    return Walls(last if last and _works((*last, "true")) else (), cut=False)


def _works(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=5, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@dataclass(slots=True, eq=False)
class Child:
    """One running program whose standard streams are talked over, line by line.

    `deadline` is on the monotonic clock: whatever is asked of it afterwards raises LimitError.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: str
    deadline: float
    walls: Walls = field(default_factory=find_walls)
    _process: subprocess.Popen[bytes] | None = None
    _buffer: bytearray = field(default_factory=bytearray)
    _over: str = ""
    _ended: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Raises NetworkError when the program cannot be started."""
        if not shutil.which(self.command[0], path=self.environment.get("PATH")):
            raise NetworkError(f"{self.command[0]} is not installed")
        try:
            self._process = subprocess.Popen(
                (*self.walls.prefix, *self.command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=dict(self.environment),
                cwd=self.folder,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise NetworkError(f"{self.command[0]} does not start: {(error.strerror or str(error)).lower()}") from None
        self._limit()
        threading.Thread(target=self._watch, daemon=True, name="watch").start()

    def _limit(self) -> None:
        process = self._process
        if process is None or not hasattr(resource, "prlimit"):
            return
        try:
            resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (MAX_WRITTEN, MAX_WRITTEN))
        except (OSError, ValueError):
            return

    def _watch(self) -> None:
        """Ends the program past its time or memory, whatever the conversation does."""
        while self.is_alive():
            if time.monotonic() > self.deadline:
                self._over = "no answer in time"
            elif self._process is not None and resident(self._process.pid) > MAX_MEMORY:
                self._over = f"more than {MAX_MEMORY >> 20} MiB of memory"
            if self._over:
                self.end()
                return
            self._ended.wait(0.2)

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def write(self, line: bytes) -> None:
        """Send one line. Raises NetworkError when it no longer listens."""
        if self._process is None or self._process.stdin is None:
            raise NetworkError("not started")
        try:
            self._process.stdin.write(line + b"\n")
        except (OSError, ValueError):
            raise NetworkError(self._over or "the program has ended") from None

    def lines(self, seconds: float, limit: int) -> Iterator[bytes]:
        """Lines as they come, for so long. Raises LimitError past the time or size, NetworkError when it ends."""
        process = self._process
        if process is None or process.stdout is None:
            raise NetworkError("not started")
        until = min(self.deadline, time.monotonic() + seconds)
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            while True:
                while (end := self._buffer.find(b"\n")) >= 0:
                    line = bytes(self._buffer[:end])
                    del self._buffer[: end + 1]
                    yield line
                if len(self._buffer) > limit:
                    raise LimitError("a line is too long")
                left = until - time.monotonic()
                if left <= 0:
                    raise LimitError("no answer in time")
                if not ready.select(left):
                    continue
                data = os.read(process.stdout.fileno(), 1 << 16)
                if not data:
                    raise NetworkError(self._over or "the program has ended")
                self._buffer += data

    def end(self) -> None:
        """End it and all that it started: first by closing its input, then by force. As the first process of a tree
        of its own it does not hear a signal that it has no ear for, so that waiting longer gains nothing.
        """
        process = self._process
        self._ended.set()
        if process is None:
            return
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is not None and number == signal.SIGTERM:
                continue
            with suppress(OSError):
                os.killpg(process.pid, number)
            try:
                process.wait(PATIENCE if number == signal.SIGTERM else 5)
            except subprocess.TimeoutExpired:
                continue
        if process.stdout is not None:
            with suppress(OSError):
                process.stdout.close()


def resident(pid: int) -> int:
    """Resident bytes of a process and all that descend from it. The kernel's lists of children are read where there
    are any: going through every process of the machine costs more than the programs that are watched.
    """
    total, waiting, seen = 0, [pid], set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        try:
            total += int(_read(f"/proc/{one}/statm").split()[1]) * resource.getpagesize()
            for task in os.listdir(f"/proc/{one}/task"):
                waiting += map(int, _read(f"/proc/{one}/task/{task}/children").split())
        except FileNotFoundError:
            if one == pid:
                return _resident_by_search(pid)
        except (OSError, IndexError, ValueError):
            continue
    return total


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()


def _resident_by_search(pid: int) -> int:
    total = 0
    try:
        root = psutil.Process(pid)
        for one in (root, *root.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.Error:
        return total
    return total
