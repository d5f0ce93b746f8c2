"""MCP servers that clients are configured to start: started, asked what they offer, and ended. Only when asked for."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.document import Document
from bartizan.model.errors import BartizanError, LimitError, NetworkError
from bartizan.model.location import Location
from bartizan.model.service import Reply, Request
from bartizan.model.settings import Settings
from bartizan.model.subject import Subject
from bartizan.rules.configs import ClientConfigs
from bartizan.rules.entry import ServerEntry, entry_key
from bartizan.rules.library import Library
from bartizan.scope.guard import Guard
from bartizan.scope.target import Target, TargetKind
from bartizan.sources.document import read_documents
from bartizan.sources.files import Files
from bartizan.sources.machine import Machine
from bartizan.sources.process import Child, find_walls
from bartizan.sources.rpc import CLIENT, LEGACY, MAX_BYTES, Caller, RefusedError, envelope
from bartizan.sources.source import Batch

SECONDS = 10.0
"""What one server has, from its start to its end."""
PATIENCE = 4.0
"""Seconds that the first question of the later era is waited for before the earlier one is tried."""


@dataclass(slots=True)
class PipeWire:
    """Messages as lines over a program's standard streams."""

    child: Child

    def post(self, message: Mapping[str, Any], seconds: float) -> Iterator[bytes]:
        """Write the message and yield the lines that follow."""
        self.child.write(json.dumps(message).encode())
        if "id" in message:
            yield from self.child.lines(seconds, MAX_BYTES)

    def reply(self, message: Mapping[str, Any], seconds: float) -> None:
        """Answer a question of the server."""
        self.child.write(json.dumps(message).encode())

    def close(self) -> None:
        """End the program."""
        self.child.end()


@dataclass(slots=True, eq=False)
class StdioDialogue:
    """A `model.session.ServerSession` with a program that a configuration names. Nothing runs before `open`."""

    entry: ServerEntry
    location: Location
    folder: str
    server_key: str = ""
    protocol: str = "mcp"
    transport: str = "stdio"
    era: str = ""
    greeting: Mapping[str, Any] = field(default_factory=dict)
    challenge: Reply | None = None
    bind: str = ""
    url: str = ""
    _caller: Caller | None = None
    _child: Child | None = None

    @property
    def name(self) -> str:
        """The name in the configuration."""
        return self.entry.name

    @property
    def oddities(self) -> tuple[str, ...]:
        """What was malformed or asked back."""
        return tuple(self._caller.oddities) if self._caller else ()

    def open(self) -> bool:
        """Start the program and greet it: the first message decides which era a program speaks.

        Raises NetworkError when it does not start, or does not answer as an MCP server.
        """
        deadline = time.monotonic() + SECONDS
        try:
            caller = self._start(deadline)
            if not self._is_modern(caller):
                if self._child is None or not self._child.is_alive():
                    caller = self._start(deadline)
                self._initialize(caller)
        except (LimitError, NetworkError) as error:
            raise NetworkError(f"{self.name}: {error.what}") from None
        return True

    def _is_modern(self, caller: Caller) -> bool:
        try:
            return self._take(caller.call("server/discover", {"_meta": envelope()}, PATIENCE), "modern")
        except (LimitError, NetworkError):
            return False  # another era, slow, or gone

    def _initialize(self, caller: Caller) -> None:
        hello = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}
        try:
            found = caller.call("initialize", hello, SECONDS)
        except RefusedError:
            if self._take(caller.late.get(1), "modern"):  # it was slow to start, and answered the first question
                return
            raise
        if not self._take(found, "session"):
            raise NetworkError("the answer to initialize is no greeting")
        caller.tell("notifications/initialized")

    def _take(self, found: Any, era: str) -> bool:
        """Whether that is the greeting of the era; kept if it is."""
        mark = "supportedVersions" if era == "modern" else "protocolVersion"
        if not isinstance(found, dict) or mark not in found:
            return False
        self.era, self.greeting = era, found
        return True

    def _start(self, deadline: float) -> Caller:
        if self._child is not None:
            self._child.end()
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {name: word.text for name, word in self.entry.environment if "\0" not in word.text + name}
        words = [word.text.replace("${workspaceFolder}", self.folder) for word in self.entry.argv]
        self._child = Child(words, environment, self.folder, deadline)
        self._child.start()
        self._caller = Caller(PipeWire(self._child))
        return self._caller

    def call(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """Ask the open server."""
        if self._caller is None:
            raise NetworkError("not started")
        extended = {**parameters, "_meta": envelope()} if self.era == "modern" else dict(parameters)
        try:
            return self._caller.call(method, extended, SECONDS)
        except LimitError as error:
            raise NetworkError(error.what) from None

    def again(self, *headers: tuple[str, str], client: str = "", era: str = "") -> StdioDialogue:
        """The same program, once more."""
        return StdioDialogue(self.entry, self.location, self.folder, self.server_key)

    def exchange(self, request: Request) -> Reply:
        """Nothing: a program is not asked over HTTP."""
        return Reply(error="not over HTTP")

    def listing(self, *headers: tuple[str, str]) -> Request:
        """Likewise."""
        return Request()

    def fetch(self, url: str) -> Reply:
        """Likewise."""
        return Reply(error="not over HTTP")

    def close(self) -> None:
        """End the program and all that it started."""
        if self._child is not None:
            self._child.end()


class Stdio:
    """Source of sessions with the servers of the client configurations among the targets."""

    at_once = 8

    def __init__(self, settings: Settings, guard: Guard) -> None:
        self.files = Files(replace(settings, history=False), guard)
        self.machine = Machine(settings, guard)
        self.configs = ClientConfigs(Library(settings.packs))

    def batches(self, target: Target) -> Iterator[Batch | Coverage]:
        """One batch: its servers are started side by side."""
        if target.kind in (TargetKind.PATH, TargetKind.MACHINE):
            yield Batch("stdio", target, ())

    def subjects(self, batch: Batch) -> Iterator[Subject | Coverage]:
        """A session for each command; a command that stands in several files is started for each."""
        for blob in self._blobs(batch.target):
            try:
                documents = read_documents(blob) if self.configs.may_be(blob) else []
            except BartizanError:
                continue  # said where the file is read as a file
            for document in documents:
                yield from self._sessions(document, batch.target)

    def _blobs(self, target: Target) -> Iterator[Blob]:
        if target.kind is TargetKind.MACHINE:
            opened = self.machine.subjects(Batch("machine", target, ("clients",)))
            yield from (subject for subject in opened if isinstance(subject, Blob))
            return
        for batch in self.files.batches(target):
            if isinstance(batch, Batch) and batch.source == "files":
                for subject in self.files.subjects(batch):
                    if isinstance(subject, Blob) and subject.location.member is None:
                        yield subject

    def _sessions(self, document: Document, target: Target) -> Iterator[Subject | Coverage]:
        client, _, found = self.configs.read(document)
        if client is None or client.is_package:
            return  # only what a client would start is started
        folder = target.path if os.path.isdir(target.path) else os.path.dirname(target.path) or os.path.expanduser("~")
        for entry in found:
            place = replace(document.at(*entry.way), record=entry.name)
            if not entry.argv:
                continue
            if entry.disabled:
                yield Coverage(Outcome.SKIPPED, f"{place} {entry.name}", "disabled in its configuration", "mcp/servers")
                continue
            if not find_walls().cut:
                what = "started with the network: this system does not let it be cut off"
                yield Coverage(Outcome.SKIPPED, f"{place} {entry.name}", what, "mcp/servers")
            yield StdioDialogue(entry, place, folder, entry_key(document, entry))

    def done(self, subject: Subject) -> Iterator[Subject | Coverage]:
        """Ends the program."""
        if isinstance(subject, StdioDialogue):
            subject.close()
        yield from ()

    def take_touches(self) -> list[Any]:
        """Nothing is contacted over the network."""
        return []
