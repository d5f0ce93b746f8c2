"""Every source by name, and the one that opens each kind of target."""

from __future__ import annotations

from bartizan.scope.target import TargetKind

SOURCES: dict[str, str] = {
    "files": "bartizan.sources.files:Files",
    "changes": "bartizan.sources.changes:Changes",
    "history": "bartizan.sources.history:History",
    "network": "bartizan.sources.network:Network",
    "listing": "bartizan.sources.listing:Listing",
    "machine": "bartizan.sources.machine:Machine",
    "stdin": "bartizan.sources.stdin:Stdin",
    "stdio": "bartizan.sources.stdio:Stdio",
}

OPENERS: dict[TargetKind, str] = {
    TargetKind.PATH: "files",
    TargetKind.HOST: "network",
    TargetKind.NETWORK: "network",
    TargetKind.URL: "network",
    TargetKind.MACHINE: "machine",
    TargetKind.STDIN: "stdin",
    TargetKind.LIST: "listing",
}
