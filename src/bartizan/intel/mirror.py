"""Fetches a signed snapshot from a folder or from a configured address."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from bartizan.intel.snapshot import MANIFEST, MAX_CONTENT, MAX_MANIFEST, SIGNATURE, Manifest, Snapshot, open_snapshot
from bartizan.model.errors import SourceError
from bartizan.model.service import Request
from bartizan.net.connection import Door
from bartizan.net.conversation import Conversation
from bartizan.net.pace import Pace
from bartizan.scope.authorisation import Authorisation
from bartizan.scope.guard import Guard

SECONDS = 300.0


def fetch(place: str, into: Path, keys: tuple[str, ...], networks: tuple[str, ...] = ()) -> Snapshot:
    """Copy the snapshot at `place` into a folder and verify all of it: signature, schema, digests, number of records.

    `networks` are private ones that a mirror's name may lead to. Raises SourceError, NetworkError or ScopeError;
    the folder's content is then of no use.
    """
    if place.startswith(("https://", "http://")):
        _download(place.rstrip("/"), into, keys, networks)
    else:
        _copy(Path(place), into, keys)
    snapshot = open_snapshot(into, keys)
    snapshot.verify()
    return snapshot


def _copy(folder: Path, into: Path, keys: tuple[str, ...]) -> None:
    snapshot = open_snapshot(folder, keys)
    content = f"{snapshot.manifest.content}.zst"
    try:
        for name in (MANIFEST, SIGNATURE, content):
            shutil.copyfile(folder / name, into / name)
    except OSError as error:
        raise SourceError(f"{folder}: {error.strerror or error}") from None


def _download(address: str, into: Path, keys: tuple[str, ...], networks: tuple[str, ...]) -> None:
    """Manifest and signature first; the content only once they are believed."""
    parts = urlsplit(address)
    host, tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    scope = Authorisation(
        authorised_by="the user's configuration",
        until=datetime.now(UTC) + timedelta(days=1),
        targets=(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", *networks),
    )
    door = Door(Guard(scope), Pace(), timeout=30.0)
    (into / MANIFEST).write_bytes(_get(door, f"{address}/{MANIFEST}", MAX_MANIFEST))
    (into / SIGNATURE).write_bytes(_get(door, f"{address}/{SIGNATURE}", 4096))
    open_snapshot(into, keys)
    manifest = msgspec.json.decode((into / MANIFEST).read_bytes(), type=Manifest)
    name = f"{manifest.content}.zst"
    size = min(sum(shard.size for shard in manifest.shards), MAX_CONTENT)
    (into / name).write_bytes(_get(door, f"{address}/{name}", size))


def _get(door: Door, url: str, limit: int) -> bytes:
    """One GET; redirects are not followed. The address that the user wrote down is its own authorisation."""
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    link = door.connect(host, port, tls=tls, purpose="intelligence")
    talk = Conversation(link, parts.netloc.rpartition("@")[2])
    try:
        reply = talk.exchange(Request(parts.path or "/"), SECONDS, limit + 1)
    finally:
        talk.close()
    if reply.status != 200 or reply.error:
        raise SourceError(f"{url}: {reply.error or f'answered {reply.status}'}")
    if reply.truncated or len(reply.body) > limit:
        raise SourceError(f"{url}: larger than announced")
    return reply.body
