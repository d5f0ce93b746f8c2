"""What the checks of client configurations look for."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.severity import Severity
from bartizan.syntax.pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Launching:
    """Of command lines and environments. Patterns match single words or `NAME=value`."""

    download_and_run: Pattern
    encoded: Pattern
    fetched_code: Pattern
    debug_port: Pattern
    debug_modules: tuple[str, ...]
    tls_off: Pattern
    tls_off_environment: Pattern
    code_loading: Pattern
    code_loading_value: Pattern
    escape_flags: tuple[str, ...]
    host_network_flags: tuple[str, ...]
    escape_sockets: Pattern
    broad_mounts: Pattern
    plain_http_flags: tuple[str, ...]
    remote_bridges: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting that lets tools run unasked. With `only_with`, another setting must hold one of `only_values` for
    the severity to be `raised`.
    """

    way: str
    values: tuple[str, ...]
    severity: Severity
    only_with: str = ""
    only_values: tuple[str, ...] = ()
    raised: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Of tools that run without being asked for."""

    changing: Pattern
    reading: Pattern
    everything: tuple[str, ...]
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Of settings that send a model's traffic elsewhere. A host of `vendor_hosts` covers its sub-domains."""

    variables: Pattern
    ways: tuple[str, ...]
    vendor_hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Of commands that a project's settings run on the machine of whoever opens it."""

    ways: tuple[str, ...]
    harmless: Pattern
    hostile: Pattern
    guarding: Pattern
    """A script of the project itself whose name says that it checks, formats or records."""
