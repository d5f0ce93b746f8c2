"""Model archives with bad members through the command line: what a framework reads all the same is no error."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

Bartizan = Callable[..., Ran]
CALL = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."
CHANGES = {
    "sum": ({14: b"\1\2\3\4"}, {16: b"\1\2\3\4"}),
    "method": ({8: b"\x09\0"}, {10: b"\x09\0"}),
    "flag": ({6: b"\1\0"}, {8: b"\1\0"}),
}


def archive(member: bytes, change: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/data.pkl", member)
        file.writestr("archive/version", b"3\n")
    raw = bytearray(out.getvalue())
    local, central = CHANGES.get(change, ({}, {}))
    for start, values in ((0, local), (raw.index(b"PK\x01\x02"), central)):
        for offset, value in values.items():
            raw[start + offset : start + offset + len(value)] = value
    return bytes(raw)


@pytest.mark.parametrize("change", CHANGES)
def test_a_lying_header_is_no_error_and_hides_nothing(bartizan: Bartizan, tmp_path: Path, change: str) -> None:
    (tmp_path / "bad.pt").write_bytes(archive(CALL, change))
    (tmp_path / "good.pt").write_bytes(archive(pickle.dumps({"a": 1}), change))
    ran = bartizan("scan", tmp_path, "--only", "models", "--no-store", "--format", "json")
    assert (ran.code, ran.document["errors"]) == (0, []), ran.err
    accused = {each["location"]["path"] for each in ran.document["findings"] if each["severity"] == "critical"}
    assert accused == {"bad.pt"}


@pytest.mark.parametrize("change", ["method", "flag"])
def test_a_member_that_nothing_can_read_is_an_error(bartizan: Bartizan, tmp_path: Path, change: str) -> None:
    (tmp_path / "closed.pt").write_bytes(archive(bytes(range(255, 100, -1)), change))
    ran = bartizan("scan", tmp_path, "--only", "models", "--no-store", "--format", "json")
    assert ran.code == 3
    assert "cannot be read" in ran.document["errors"][0]["what"]


def test_a_long_text_before_the_call_hides_nothing(bartizan: Bartizan, tmp_path: Path) -> None:
    for length in (5_000, 200_000):
        (tmp_path / f"{length}.pkl").write_bytes(b"V" + b"a" * length + b"\n0cos\nsystem\n(Vtrue\ntR.")
    (tmp_path / "words.txt").write_bytes(b"V" + b"a" * 200_000 + b"\nplain words\n")
    ran = bartizan("scan", tmp_path, "--only", "models", "--no-store", "--format", "json")
    accused = {each["location"]["path"] for each in ran.document["findings"]}
    assert accused == {"5000.pkl", "200000.pkl"}
