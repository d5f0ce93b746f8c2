"""The cache: whole files only, few of them, and no failure for want of it."""

from __future__ import annotations

import os
from pathlib import Path

from bartizan.rules.cache import keep


def test_the_newest_of_a_kind_stay(tmp_path: Path) -> None:
    other = tmp_path / "secrets-1.hs"
    other.write_bytes(b"other")
    for number in range(5):
        path = tmp_path / "deep" / f"rules-{number}.msgpack"
        keep(path, b"%d" % number, spare=2)
        os.utime(path, (number, number))
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["rules-3.msgpack", "rules-4.msgpack"]
    assert (tmp_path / "deep" / "rules-4.msgpack").read_bytes() == b"4"
    assert other.exists()


def test_an_unwritable_cache_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    keep(tmp_path / "file" / "rules-1.msgpack", b"1", spare=2)
    assert (tmp_path / "file").is_file()
