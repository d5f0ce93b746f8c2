"""One signed state of the world's knowledge, as a folder: manifest, signature and the advisories themselves."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import msgspec
import zstandard

from bartizan.intel.advisory import Advisory, Component
from bartizan.intel.signature import sign, signer
from bartizan.model.errors import SourceError

SCHEMA = "bartizan-intel/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
MAX_MANIFEST, MAX_CONTENT, MAX_SHARD = 8 << 20, 1 << 30, 256 << 20
PER_SHARD = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Where records came from: a name, the day of its state, and how many."""

    name: str
    date: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Shard:
    """One zstandard frame of the file: its length in bytes and its SHA-256."""

    size: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a snapshot says of itself; its signature covers these bytes.

    `content` names the file with the advisories: the SHA-256 of its bytes, which are the `shards` one after the
    other. `created` is an ISO 8601 time in UTC and orders snapshots.
    """

    schema: str
    created: str
    count: int
    content: str
    shards: tuple[Shard, ...]
    feeds: tuple[Feed, ...] = ()
    components: tuple[Component, ...] = ()


@dataclass(slots=True)
class Snapshot:
    """An opened snapshot. Shards are read when first needed."""

    folder: Path
    manifest: Manifest
    key: str
    _shards: dict[int, dict[str, list[Advisory]]] = field(default_factory=dict, repr=False)

    def concerning(self, identity: str) -> list[Advisory]:
        """The advisories with an entry for `product:SLUG` or `ECOSYSTEM:NAME`. Raises SourceError when damaged."""
        number = _shard_of(identity, len(self.manifest.shards))
        if number not in self._shards:
            table: dict[str, list[Advisory]] = {}
            for advisory in self._read(number):
                for name in {entry.identity for entry in advisory.affected}:
                    table.setdefault(name, []).append(advisory)
            self._shards[number] = table
        return self._shards[number].get(identity, [])

    def advisories(self) -> Iterator[Advisory]:
        """All of them, each once, by shard."""
        seen: set[str] = set()
        for number in range(len(self.manifest.shards)):
            for advisory in self._read(number):
                if advisory.id not in seen:
                    seen.add(advisory.id)
                    yield advisory

    def verify(self) -> None:
        """Read all of it and hold it against the manifest. Raises SourceError."""
        count = sum(1 for _ in self.advisories())
        if count != self.manifest.count:
            raise SourceError(f"{self.folder}: {count} advisories where the manifest says {self.manifest.count}")

    def _read(self, number: int) -> list[Advisory]:
        shards = self.manifest.shards
        try:
            with open(self.folder / f"{self.manifest.content}.zst", "rb") as file:
                file.seek(sum(shard.size for shard in shards[:number]))
                frame = file.read(shards[number].size)
            if sha256(frame).hexdigest() != shards[number].digest:
                raise SourceError(f"{self.folder}: damaged: shard {number} has another digest than the manifest says")
            lines = zstandard.ZstdDecompressor().decompress(frame, max_output_size=MAX_SHARD)
            return msgspec.json.Decoder(Advisory).decode_lines(lines)
        except (OSError, zstandard.ZstdError, msgspec.DecodeError, MemoryError) as error:
            raise SourceError(f"{self.folder}: damaged: {error}") from None


def open_snapshot(folder: Path, trusted: Iterable[str]) -> Snapshot:
    """Open the snapshot in the folder once its manifest's signature holds.

    Raises SourceError: absent, of another schema, not signed by a trusted key.
    """
    try:
        if (folder / MANIFEST).stat().st_size > MAX_MANIFEST:
            raise SourceError(f"{folder}: the manifest is larger than {MAX_MANIFEST} bytes")
        raw = (folder / MANIFEST).read_bytes()
        signature = (folder / SIGNATURE).read_bytes()[:4096]
    except OSError as error:
        raise SourceError(f"{folder}: no snapshot: {error.strerror or error}") from None
    key = signer(trusted, raw, signature)
    if not key:
        raise SourceError(f"{folder}: not signed by a trusted key")
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError as error:
        raise SourceError(f"{folder}: the manifest is malformed: {error}") from None
    if manifest.schema != SCHEMA:
        raise SourceError(f"{folder}: schema {manifest.schema!r}, this version reads {SCHEMA!r}")
    if len(manifest.content) != 64 or not manifest.shards or sum(shard.size for shard in manifest.shards) > MAX_CONTENT:
        raise SourceError(f"{folder}: the manifest is malformed")
    if any(shard.size < 0 for shard in manifest.shards) or set(manifest.content) - set("0123456789abcdef"):
        raise SourceError(f"{folder}: the manifest is malformed")
    return Snapshot(folder, manifest, key)


def write_snapshot(
    folder: Path,
    advisories: Iterable[Advisory],
    components: Iterable[Component],
    feeds: Iterable[Feed],
    *,
    created: str,
    private: bytes,
) -> Manifest:
    """Write a snapshot into the folder. The same input gives the same bytes, whatever its order."""
    known = sorted(advisories, key=lambda advisory: advisory.id)
    total = max(1, -(-len(known) // PER_SHARD))
    lines: list[list[bytes]] = [[] for _ in range(total)]
    for advisory in known:
        line = msgspec.json.encode(advisory)
        for number in sorted({_shard_of(entry.identity, total) for entry in advisory.affected} or {0}):
            lines[number].append(line)
    compressor = zstandard.ZstdCompressor(level=19)
    frames = [compressor.compress(b"\n".join(shard)) for shard in lines]
    content = sha256(b"".join(frames)).hexdigest()
    manifest = Manifest(
        schema=SCHEMA,
        created=created,
        count=len(known),
        content=content,
        shards=tuple(Shard(len(frame), sha256(frame).hexdigest()) for frame in frames),
        feeds=tuple(feeds),
        components=tuple(components),
    )
    raw = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{content}.zst").write_bytes(b"".join(frames))
    (folder / MANIFEST).write_bytes(raw)
    (folder / SIGNATURE).write_bytes(sign(private, raw))
    return manifest


def _shard_of(identity: str, total: int) -> int:
    return zlib.crc32(identity.encode()) % total
