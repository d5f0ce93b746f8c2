"""The compiled rules: a damaged cache is made again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bartizan.rules.index import BUILT_IN, load_index


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x81\xa7secrets\xc0", None])
def test_a_damaged_cache_costs_no_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    pack = tmp_path / "pack"
    (pack / "noise").mkdir(parents=True)
    source = next((BUILT_IN / "noise").glob("*.yaml"))
    (pack / "noise" / source.name).write_bytes(source.read_bytes())
    whole = load_index([pack])
    (cached,) = (tmp_path / "bartizan").glob("rules-*.msgpack")
    kept = cached.read_bytes()
    cached.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]) if damage is None else damage)
    again = load_index([pack])
    assert {key: msgspec.msgpack.decode(raw) for key, raw in again.items()} == {
        key: msgspec.msgpack.decode(raw) for key, raw in whole.items()
    }
    assert cached.read_bytes() == kept
