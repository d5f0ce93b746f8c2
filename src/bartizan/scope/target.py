"""What a person names on the command line."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from bartizan.model.errors import UsageError

_NAME = re.compile(
    r"^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?$"
)
_HOST_PORT = re.compile(r"^(?:\[([0-9A-Fa-f:.%]+)\]|([^:/\[\]\s]+)):(\d{1,5})$")
SCHEMES = {"http": 80, "https": 443}
FILE_SUFFIXES = frozenset(
    [
        *("txt", "json", "jsonl", "yaml", "yml", "toml", "csv", "log", "xml", "html", "db"),
        *("pkl", "bin", "gguf", "onnx", "npy", "whl", "tar", "gz", "7z"),
    ]
)
"""Endings that no top-level domain has: such a name that does not exist is a mistyped file, not a host."""


class TargetKind(StrEnum):
    """How a target is opened."""

    PATH = "path"
    HOST = "host"
    NETWORK = "network"
    URL = "url"
    MACHINE = "machine"
    STDIN = "stdin"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Target:
    """One named target. `text` is as given; for a path `path` is absolute; else `host` (name or address, or
    CIDR), and `port` where one was named. `label` is set when several paths are scanned at once. `path` of a list is
    the file with its lines (a copy of what was piped in); each line is checked against the scope by itself.
    """

    kind: TargetKind
    text: str
    path: str = ""
    host: str = ""
    port: int | None = None
    label: str = ""

    @property
    def is_local(self) -> bool:
        """Files and this machine itself: nothing to be authorised."""
        return self.kind in (TargetKind.PATH, TargetKind.MACHINE, TargetKind.STDIN, TargetKind.LIST)


def parse_target(text: str) -> Target:
    """Read a target as a person writes it.

    `-` is standard input, what exists as a file a path. Otherwise a URL, a CIDR, an address, `host:port` or a host
    name. Raises UsageError when it is none of these, and for a path that does not exist.
    """
    if "\0" in text or not text.strip():
        raise UsageError(f"not a target: {text!r}")
    if text == "-":
        return Target(TargetKind.STDIN, text)
    if os.path.lexists(os.path.expanduser(text)):
        try:
            return Target(TargetKind.PATH, text, path=os.path.abspath(os.path.expanduser(text)))
        except FileNotFoundError:  # the folder we stand in was removed
            raise UsageError(f"{text}: the current folder does not exist any more") from None
    scheme, colon, _ = text.partition("://")
    if colon:
        return _url(text, scheme.lower())
    network = _network(text)
    if network:
        return network
    if text.startswith((".", "/", "~")) or os.sep in text or text.rpartition(".")[2].lower() in FILE_SUFFIXES:
        raise UsageError(f"{text}: no such file or folder")
    if match := _HOST_PORT.match(text):
        return Target(
            TargetKind.HOST, text, host=_host(match.group(1) or match.group(2), text), port=_port(match.group(3), text)
        )
    return Target(TargetKind.HOST, text, host=_host(text, text))


def _url(text: str, scheme: str) -> Target:
    if scheme not in SCHEMES:
        raise UsageError(f"{text}: cannot open {scheme}:// targets", "use http:// or https://, a host, or a path")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(f"{text}: {error}") from None
    return Target(TargetKind.URL, text, host=_host(host, text), port=port or SCHEMES[scheme])


def _network(text: str) -> Target | None:
    try:
        address = ipaddress.ip_address(text.strip("[]"))
        return Target(TargetKind.HOST, text, host=str(address))
    except ValueError:
        pass
    if "/" not in text:
        return None
    try:
        return Target(TargetKind.NETWORK, text, host=str(ipaddress.ip_network(text, strict=False)))
    except ValueError:
        return None


def _host(name: str, text: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        lowered = name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        lowered = ""
    if not _NAME.match(lowered) or re.fullmatch(r"[\d.]+", lowered):
        raise UsageError(f"{text}: no such file, and not a host, network or URL")
    return lowered.rstrip(".")


def _port(digits: str, text: str) -> int:
    port = int(digits)
    if not 0 < port < 65536:
        raise UsageError(f"{text}: the port must lie between 1 and 65535")
    return port
