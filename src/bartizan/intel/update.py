"""Puts a newer state of knowledge in force, and says what changed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bartizan.intel.feed import Haul, read_feeds
from bartizan.intel.mirror import fetch
from bartizan.intel.shelf import Shelf
from bartizan.intel.snapshot import Feed, Snapshot, write_snapshot
from bartizan.model.errors import BartizanError, SourceError, UsageError


@dataclass(frozen=True, slots=True)
class Change:
    """What an update brought: ids of advisories, sorted, and the snapshot now in force."""

    snapshot: Snapshot
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def is_none(self) -> bool:
        """Whether nothing is different."""
        return not (self.added or self.changed or self.removed)


def difference(before: Snapshot, after: Snapshot) -> Change:
    """Compare two snapshots advisory by advisory."""
    old = {advisory.id: advisory for advisory in before.advisories()}
    new = {advisory.id: advisory for advisory in after.advisories()}
    changed = tuple(sorted(key for key in new.keys() & old.keys() if new[key] != old[key]))
    return Change(after, tuple(sorted(new.keys() - old.keys())), changed, tuple(sorted(old.keys() - new.keys())))


def update(shelf: Shelf, places: Sequence[str], *, networks: tuple[str, ...] = (), allow_older: bool = False) -> Change:
    """Take the snapshot of the first place that has a believable one.

    Raises UsageError without a place, or for a snapshot older than the one in force unless that is allowed; the
    last place's error when none has one.
    """
    if not places:
        raise UsageError("no mirror is configured", "name a folder or address, or write mirrors into intel.yaml")
    before, _ = shelf.current()
    failure: BartizanError = SourceError("no snapshot")
    with tempfile.TemporaryDirectory(prefix="bartizan-intel-") as root:
        for number, place in enumerate(places):
            into = Path(root) / str(number)
            into.mkdir()
            try:
                fetched = fetch(place, into, shelf.keys, networks)
            except BartizanError as error:
                failure = error
                continue
            if moment(fetched) < moment(before) and not allow_older:
                raise UsageError(
                    f"{place}: its snapshot of {fetched.manifest.created} is older than the one in force",
                    "--allow-older takes it all the same",
                )
            if fetched.manifest.content == before.manifest.content:
                return Change(before, (), (), ())
            return difference(before, shelf.take(into))
    raise failure


def absorb(shelf: Shelf, paths: Sequence[Path]) -> tuple[Change, Haul]:
    """Put feeds of others (OSV, GitHub, NVD, KEV, EPSS) onto the snapshot in force, signed with a key of this machine.

    Raises SourceError for what cannot be read, UsageError when nothing of it was of use.
    """
    before, _ = shelf.current()
    haul = read_feeds(list(paths), before.manifest.components)
    if not haul.advisories and not haul.exploitation:
        raise UsageError("nothing in OSV, GitHub, NVD, KEV or EPSS form was found there")
    today = datetime.now(UTC).replace(microsecond=0)
    feeds = [feed for feed in before.manifest.feeds if feed.name not in haul.counts]
    feeds += [
        Feed(name=name, date=today.date().isoformat(), count=count) for name, count in sorted(haul.counts.items())
    ]
    with tempfile.TemporaryDirectory(prefix="bartizan-intel-") as root:
        write_snapshot(
            Path(root),
            haul.onto(before.advisories(), before.manifest.components),
            before.manifest.components,
            feeds,
            created=max(today.isoformat(), before.manifest.created),
            private=shelf.own_key(),
        )
        return difference(before, shelf.take(Path(root))), haul


def moment(snapshot: Snapshot) -> datetime:
    """When a snapshot was made. Raises SourceError for a manifest that says nonsense."""
    try:
        made = datetime.fromisoformat(snapshot.manifest.created)
    except ValueError:
        raise SourceError(f"{snapshot.folder}: the manifest's time is malformed") from None
    return made if made.tzinfo else made.replace(tzinfo=UTC)
