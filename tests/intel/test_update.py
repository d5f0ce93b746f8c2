"""Updating: believed only when signed, newer and whole; the last three are kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bartizan.intel.advisory import Advisory, Affected
from bartizan.intel.shelf import BUILT_IN, Shelf
from bartizan.intel.signature import new_key, public_key
from bartizan.intel.snapshot import write_snapshot
from bartizan.intel.update import absorb, update
from bartizan.model.errors import BartizanError, SourceError, UsageError

PRIVATE = new_key()


def mirror(folder: Path, created: str, *ids: str) -> str:
    records = [Advisory(id=name, affected=(Affected(identity="pypi:thing", spans=(("<2",),)),)) for name in ids]
    write_snapshot(folder, records, [], [], created=created, private=PRIVATE)
    return str(folder)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf", (public_key(PRIVATE),))


def test_what_changed_is_said_and_the_last_three_are_kept(tmp_path: Path, shelf: Shelf) -> None:
    for year in (2031, 2032, 2033, 2034):
        update(shelf, [mirror(tmp_path / str(year), f"{year}-01-01T00:00:00+00:00", "CVE-2031-1", f"CVE-{year}-2")])
    change = update(shelf, [mirror(tmp_path / "last", "2035-01-01T00:00:00+00:00", "CVE-2031-1", "CVE-2035-2")])
    assert (change.added, change.changed, change.removed) == (("CVE-2035-2",), (), ("CVE-2034-2",))
    assert len(shelf.kept()) == 3
    assert shelf.current()[0].manifest.created.startswith("2035")


def test_older_ones_are_taken_only_when_asked(tmp_path: Path, shelf: Shelf) -> None:
    old = mirror(tmp_path / "old", "2001-01-01T00:00:00+00:00", "CVE-2001-1")
    with pytest.raises(UsageError, match="older"):
        update(shelf, [old])
    assert shelf.current()[0].folder == BUILT_IN
    update(shelf, [old], allow_older=True)
    assert shelf.current()[0].manifest.count == 1


def test_a_strangers_snapshot_is_refused(tmp_path: Path) -> None:
    place = mirror(tmp_path / "m", "2031-01-01T00:00:00+00:00", "CVE-2031-1")
    with pytest.raises(SourceError, match="not signed"):
        update(Shelf(tmp_path / "shelf"), [place])


def test_a_damaged_one_never_comes_into_force(tmp_path: Path, shelf: Shelf) -> None:
    place = mirror(tmp_path / "m", "2031-01-01T00:00:00+00:00", "CVE-2031-1")
    content = next((tmp_path / "m").glob("*.zst"))
    content.write_bytes(content.read_bytes()[:-3])
    with pytest.raises(SourceError, match="damaged"):
        update(shelf, [place])
    assert shelf.kept() == []


def test_a_kept_one_that_was_tampered_with_is_passed_over(tmp_path: Path, shelf: Shelf) -> None:
    update(shelf, [mirror(tmp_path / "m", "2031-01-01T00:00:00+00:00", "CVE-2031-1")])
    (shelf.kept()[0] / "manifest.json").write_bytes(b"{}")
    snapshot, complaints = shelf.current()
    assert snapshot.folder == BUILT_IN
    assert len(complaints) == 1


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    mirror(tmp_path / "web" / "intel", "2031-01-01T00:00:00+00:00", "CVE-2031-1")
    handler = partial(Quiet, directory=str(tmp_path / "web"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Quiet(SimpleHTTPRequestHandler):
    """A file server that keeps silent."""

    def log_message(self, *args: object) -> None:
        return


def test_from_an_address(served: str, shelf: Shelf) -> None:
    assert "CVE-2031-1" in update(shelf, [f"{served}/nothing", f"{served}/intel/"]).added


def test_an_address_without_one_is_an_error(served: str, shelf: Shelf) -> None:
    with pytest.raises(BartizanError, match="404"):
        update(shelf, [f"{served}/nothing"])


def test_feeds_are_put_onto_the_snapshot_in_force(tmp_path: Path, shelf: Shelf) -> None:
    record = {
        "id": "GHSA-zzzz-zzzz-zzzz",
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "thing"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3"}]}],
            }
        ],
    }
    path = tmp_path / "one.json"
    path.write_text(json.dumps(record))
    before = shelf.current()[0].manifest.count
    change, _ = absorb(shelf, [path])
    assert change.added == ("GHSA-zzzz-zzzz-zzzz",)
    assert change.snapshot.manifest.count == before + 1
    assert (shelf.folder / "local.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError, match="nothing"):
        absorb(shelf, [_empty(tmp_path)])


def _empty(folder: Path) -> Path:
    path = folder / "none.json"
    path.write_text("{}")
    return path
