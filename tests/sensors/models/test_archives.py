"""Archives read by offset: two tables of contents, doubled names, flags and sums that lie, sparse files."""

from __future__ import annotations

import io
import mmap
import os
import pickle
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from bartizan.model.blob import Blob
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.sensors.models.blobs import ModelFiles
from bartizan.sensors.models.files import zipped
from bartizan.sources.format import sniff

CALL = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."


def torch_zip(member: bytes, method: int = zipfile.ZIP_STORED, **further: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        file.writestr("archive/data.pkl", member)
        for name, content in further.items():
            file.writestr(f"archive/{name}", content)
        file.writestr("archive/version", b"3\n")
    return out.getvalue()


def patched(archive: bytes, local: dict[int, bytes], central: dict[int, bytes]) -> bytes:
    raw = bytearray(archive)
    for start, changes in ((0, local), (archive.index(b"PK\x01\x02"), central)):
        for offset, value in changes.items():
            raw[start + offset : start + offset + len(value)] = value
    return bytes(raw)


def doubled(first: bytes, second: bytes) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as file:
        warnings.simplefilter("ignore")
        for content in (first, second):
            file.writestr("archive/data.pkl", content)
    return out.getvalue()


PLAIN = torch_zip(CALL)
ARCHIVES = {
    "stored": PLAIN,
    "packed": torch_zip(CALL, zipfile.ZIP_DEFLATED),
    "wrong sum": patched(PLAIN, {14: b"\1\2\3\4"}, {16: b"\1\2\3\4"}),
    "encrypted flag": patched(PLAIN, {6: b"\1\0"}, {8: b"\1\0"}),
    "unknown method": patched(PLAIN, {8: b"\x09\0"}, {10: b"\x09\0"}),
    "other name at its header": patched(PLAIN, {30: b"archive/data.txt"}, {}),
    "other name in the contents": patched(PLAIN, {}, {46: b"archive/data.txt"}),
    "doubled, first": doubled(CALL, pickle.dumps({})),
    "doubled, last": doubled(pickle.dumps({}), CALL),
    "no contents": PLAIN[: PLAIN.index(b"PK\x01\x02")],
    "behind a script": b"#!/bin/sh\nexit 0\n" + PLAIN,
    "before other bytes": PLAIN + b"\n" * 40,
    "in another member": torch_zip(pickle.dumps({}), notes=CALL),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_pickle_is_found_in_every_archive(look: Any, name: str) -> None:
    _, findings = look("model.pt", ARCHIVES[name])
    assert "models/pickle-dangerous-global" in {finding.rule for finding in findings}


def test_the_member_is_named(look: Any) -> None:
    _, findings = look("model.pt", PLAIN)
    assert [finding.location.member for finding in findings] == ["archive/data.pkl"]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "C:\\x", "..\\x"])
def test_members_outside_are_told_and_nothing_is_written(look: Any, name: str, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps({}))
        file.writestr(name, b"x")
    before = set(tmp_path.parent.iterdir())
    _, findings = look("model.pt", out.getvalue())
    assert "models/zip-escape" in {finding.rule for finding in findings}
    assert set(tmp_path.parent.iterdir()) == before


def test_a_gigabyte_is_not_read_to_see_its_members(tmp_path: Path, library: Library) -> None:
    """A sparse archive: only headers and pickles are touched, so this takes no time."""
    path = tmp_path / "model.pt"
    size = 1 << 30
    head = torch_zip(pickle.dumps({}))
    local = b"PK\x03\x04" + head[4:6] + b"\0" * 24
    member = b"archive/data/0"
    header = bytearray(local[:26] + len(member).to_bytes(2, "little") + b"\0\0" + member)
    header[18:26] = size.to_bytes(4, "little") * 2
    at = head.index(b"PK\x01\x02")
    central = bytearray(b"PK\x01\x02" + b"\0" * 42 + member)
    central[20:28] = size.to_bytes(4, "little") * 2
    central[28:30] = len(member).to_bytes(2, "little")
    central[42:46] = at.to_bytes(4, "little")
    contents = head[at : head.index(b"PK\x05\x06")] + bytes(central)
    end = bytearray(head[head.index(b"PK\x05\x06") :])
    end[8:12] = (3).to_bytes(2, "little") * 2
    end[12:16] = len(contents).to_bytes(4, "little")
    end[16:20] = (at + len(header) + size).to_bytes(4, "little")
    with path.open("wb") as file:
        file.write(head[:at] + header)
        file.seek(size, os.SEEK_CUR)
        file.write(contents + bytes(end))
    with path.open("rb") as stored, mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ) as data:
        archive = zipped.read_archive(data)
        assert archive is not None
        assert [entry.size for entry in archive.members][-1] == size
        sensor = ModelFiles(library, Settings())
        blob = Blob(Location(path="model.pt"), data, sniff("model.pt", data))
        seen = list(sensor.observe(blob))
        del blob
    assert [getattr(each, "rule", "asset") for each in seen] == ["asset"]


def test_joblib_arrays_are_skipped_and_what_follows_is_seen(look: Any) -> None:
    def short(text: str) -> bytes:
        return b"\x8c" + bytes([len(text)]) + text.encode()

    wrapper = short("joblib.numpy_pickle") + short("NumpyArrayWrapper") + b"\x93)\x81}(" + short("subclass")
    wrapper += b"cnumpy\nndarray\n" + short("shape") + b"K\x04\x85" + short("order") + short("C") + short("dtype")
    wrapper += b"cnumpy\ndtype\n" + short("f8") + b"\x89\x88\x87R" + short("allow_mmap") + b"\x88ub"
    good = b"\x80\x04]" + wrapper + b"." * 32 + b"a."
    bad = b"\x80\x04]" + wrapper + b"." * 32 + b"a" + CALL[2:-1] + b"a."
    assets, findings = look("model.joblib", good)
    assert (assets[0].properties["format"], assets[0].properties["verdict"], findings) == ("joblib", "allow", [])
    for data in (bad, zlib.compress(bad)):
        _, findings = look("model.joblib", data)
        assert [finding.rule for finding in findings] == ["models/pickle-dangerous-global"]


@pytest.mark.parametrize("name", ["model.txt", "model.safetensors", "picture.png", "weights.json", "model"])
def test_content_decides_before_the_name(look: Any, name: str) -> None:
    _, findings = look(name, CALL)
    assert "models/pickle-dangerous-global" in {finding.rule for finding in findings}


@pytest.mark.parametrize("method", [12, 14, 93])
def test_members_that_do_not_follow_their_method_are_read_as_they_are(look: Any, method: int) -> None:
    """Found by fuzzing: a zstd member without a zstd frame."""
    code = method.to_bytes(2, "little")
    archive = patched(PLAIN, {8: code}, {10: code})
    _, findings = look("model.pt", archive)
    assert "models/pickle-dangerous-global" in {finding.rule for finding in findings}
