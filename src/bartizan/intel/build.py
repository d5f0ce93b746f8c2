"""Makes the snapshot that ships in the wheel: `python -m bartizan.intel.build --key FILE`.

Run by hand after a change of the fact files; the result is committed. The key stays with the maintainers; its public
half stands in `trusted.yaml`. `--new-key` makes one and writes its public half there.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bartizan.intel.facts import read_facts
from bartizan.intel.shelf import BUILT_IN, TRUSTED
from bartizan.intel.signature import new_key, public_key
from bartizan.intel.snapshot import Feed, write_snapshot
from bartizan.syntax.strictyaml import read_yaml

FACTS = Path(__file__).parent / "facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """The file with the days of the sources."""

    feeds: tuple[Feed, ...]


def main() -> None:
    """Build and sign."""
    parser = argparse.ArgumentParser(prog="python -m bartizan.intel.build")
    parser.add_argument("--key", type=Path, required=True, help="file with the 32 bytes of the signing key")
    parser.add_argument("--new-key", action="store_true", help="make the key first and trust it")
    parser.add_argument("--into", type=Path, default=BUILT_IN)
    options = parser.parse_args()
    if options.new_key:
        make_key(options.key, TRUSTED)
    build(FACTS, options.into, options.key.read_bytes())


def make_key(path: Path, trusted: Path) -> None:
    """Write a fresh private key, readable by its owner alone, and trust its public half."""
    private = new_key()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    trusted.write_text(f"# Ed25519 public keys whose snapshots are believed.\nkeys:\n- '{public_key(private)}'\n")


def build(facts: Path, into: Path, private: bytes) -> None:
    """Read the facts and write the signed snapshot, in place of the one that was there."""
    advisories, components = read_facts(facts)
    created = datetime.now(UTC).replace(microsecond=0).isoformat()
    counts = Counter(advisory.source for advisory in advisories)
    feeds = [replace(feed, count=counts[feed.name]) for feed in read_yaml(facts / "feeds.yaml", Feeds).feeds]
    for old in into.glob("*.zst"):
        old.unlink()
    write_snapshot(into, advisories, components, feeds, created=created, private=private)


if __name__ == "__main__":
    main()
