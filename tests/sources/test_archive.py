from __future__ import annotations

import bz2
import gzip
import io
import lzma
import mmap
import os
import pickle
import random
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lz4.frame
import py7zr
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.sources.archive import members
from bartizan.sources.budget import Limits
from tests.sources.archives import blob_of, failed, make_7z, make_tar, make_zip, opened

FILES = {"a.txt": b"alpha\n" * 50, "d/e/b.json": b'{"b": 1}', "empty": b"", "c.pkl": pickle.dumps({"x": [1, 2, 3]})}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
    "zlib": zlib.compress,
}


@pytest.mark.parametrize("make", [make_zip, make_tar, make_7z])
def test_every_member_with_its_name(make: Callable[[dict[str, bytes]], bytes]) -> None:
    found, gaps = opened(make(FILES))
    assert found == FILES
    assert gaps == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_of_each_method(method: int) -> None:
    assert opened(make_zip(FILES, method)) == (FILES, [])


@pytest.mark.parametrize("kind", PACKERS)
def test_single_streams_have_no_member_level(kind: str) -> None:
    data = os.urandom(3000) + b"x" * 300_000
    [seen] = members(blob_of(PACKERS[kind](data), "logs/app.log.gz"))
    assert isinstance(seen, Blob)
    assert seen.bytes() == data
    assert str(seen.location) == "logs/app.log.gz"
    assert seen.inside == (kind,)


@pytest.mark.parametrize("kind", PACKERS)
def test_packed_tars_are_read_member_by_member(kind: str) -> None:
    found, gaps = opened(PACKERS[kind](make_tar(FILES)), "x.tar.gz")
    assert found == FILES
    assert gaps == []


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, (1 << 20) + 4096, 3 << 20])
def test_output_that_a_decompressor_holds_back(size: int) -> None:
    """zlib takes all input of what packs well, and gives the last bytes when asked again."""
    data = b"\1" * size
    assert opened(make_zip({"m.bin": data})) == ({"m.bin": data}, [])
    assert opened(gzip.compress(data), "m.bin.gz") == ({"": data}, [])


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd", "lz4"])
def test_streams_that_follow_one_another_are_one(kind: str) -> None:
    pack = PACKERS[kind]
    found, gaps = opened(pack(b"one\n") + pack(b"two\n"))
    assert found == {"": b"one\ntwo\n"}
    assert gaps == []


def test_gzip_with_padding_or_rubbish_behind_it() -> None:
    for tail in (bytes(512), b"rubbish"):
        assert opened(gzip.compress(b"one\n") + tail) == ({"": b"one\n"}, [])


def test_archives_inside_one_another() -> None:
    inner = make_zip({"deep.pkl": pickle.dumps([1])})
    middle = make_tar({"x/inner.zip": inner, "note.txt": b"n"})
    outer = make_zip({"m.tar.gz": gzip.compress(middle), "z.7z": make_7z({"s.txt": b"seven"})})
    found, gaps = opened(outer, "pack.zip")
    assert gaps == []
    assert found["m.tar.gz!x/inner.zip!deep.pkl"] == pickle.dumps([1])
    assert found["m.tar.gz!note.txt"] == b"n"
    assert found["z.7z!s.txt"] == b"seven"
    kinds = {seen.location.member: seen.inside for seen in members(blob_of(outer)) if isinstance(seen, Blob)}
    assert kinds["m.tar.gz!x/inner.zip!deep.pkl"] == ("zip", "gzip", "tar", "zip")


def test_debian_package() -> None:
    def part(name: str, data: bytes) -> bytes:
        header = f"{name:<16}{'0':<12}{'0':<6}{'0':<6}{'100644':<8}{len(data):<10}`\n".encode()
        return header + data + b"\n" * (len(data) % 2)

    data = make_tar({"./etc/app.env": b"KEY=1\n"}, "w:xz")
    package = b"!<arch>\n" + part("debian-binary", b"2.0\n") + part("data.tar.xz/", data)
    found, gaps = opened(package)
    assert found["data.tar.xz!etc/app.env"] == b"KEY=1\n"
    assert gaps == []


def test_container_image_with_its_layers() -> None:
    layer = make_tar({"app/.env": b"TOKEN=1\n", "app/model.bin": pickle.dumps({})})
    image = make_tar({"manifest.json": b"[]", "blobs/sha256/aa": layer, "blobs/sha256/bb": gzip.compress(layer)})
    found, gaps = opened(image, "image.tar")
    assert found["blobs/sha256/aa!app/.env"] == b"TOKEN=1\n"
    assert found["blobs/sha256/bb!app/.env"] == b"TOKEN=1\n"
    assert gaps == []


def test_permission_bits_are_kept() -> None:
    modes = {seen.location.member: seen.mode for seen in members(blob_of(make_tar(FILES))) if isinstance(seen, Blob)}
    assert modes["a.txt"] == 0o640


def test_large_stored_members_are_views_of_the_map(tmp_path: Path) -> None:
    tensor = os.urandom(1 << 20) * 40
    (tmp_path / "m.pt").write_bytes(make_zip({"m/data.pkl": pickle.dumps(1), "m/data/0": tensor}, zipfile.ZIP_STORED))
    with open(tmp_path / "m.pt", "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    tracemalloc.start()
    sizes = {seen.location.member: seen.size for seen in members(blob_of(mapped)) if isinstance(seen, Blob)}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sizes == {"m/data.pkl": len(pickle.dumps(1)), "m/data/0": len(tensor)}
    assert peak < 4 << 20


def test_raw_tensors_are_not_taken_for_archives() -> None:
    fake = gzip.compress(b"x" * 1000)
    found, gaps = opened(make_zip({"m/data.pkl": pickle.dumps(1), "m/data/0": fake[:-4]}, zipfile.ZIP_STORED))
    assert gaps == []
    assert found["m/data/0"] == fake[:-4]


def test_unsafe_names_are_said_and_read() -> None:
    names = ["../../etc/passwd", "/abs", "C:\\x", "ok/../../up", "fine..txt"]
    for make in (make_zip, make_tar):
        found, gaps = opened(make(dict.fromkeys(names, b"x")))
        assert len(found) == len(names)
        assert {gap.target for gap in gaps} == {f"a/box!{name}" for name in names[:4]}
        assert all(gap.outcome is Outcome.SKIPPED for gap in gaps)


def test_unsafe_names_in_7z() -> None:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.set_encoded_header_mode(False)
        archive.writestr(b"x", "qq/qq/up")
        archive.writestr(b"y", "fine")
    data = bytearray(out.getvalue().replace("qq/qq/up".encode("utf-16-le"), "../../up".encode("utf-16-le")))
    start, size = struct.unpack_from("<QQ", data, 12)
    struct.pack_into("<L", data, 28, zlib.crc32(data[32 + start : 32 + start + size]))
    struct.pack_into("<L", data, 8, zlib.crc32(data[12:32]))
    found, gaps = opened(bytes(data))
    assert found == {"../../up": b"x", "fine": b"y"}
    assert [gap.target for gap in gaps] == ["a/box!../../up"]


def test_a_7z_whose_large_file_is_passed_over_ends() -> None:
    data = make_7z({"large": bytes(80 << 20), "small": b"s"})
    start = time.process_time()
    found, gaps = opened(data, limits=Limits(member=1 << 20, unpacked=20 << 20))
    assert time.process_time() - start < 3
    assert found == {}
    assert "a/box: unpacks to more than 20 MiB; the rest is unread" in failed(gaps)


def test_archives_stored_in_a_large_archive_are_opened() -> None:
    inner = make_zip({"deep.txt": b"deep\n" * 1000, "pad": os.urandom(3 << 20)})
    found, gaps = opened(make_zip({"inner.zip": inner}, zipfile.ZIP_STORED), limits=Limits(held=4 << 20))
    assert found["inner.zip!deep.txt"] == b"deep\n" * 1000
    assert gaps == []


def test_links_and_devices_in_tar_are_left_alone() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (
            ("l", tarfile.SYMTYPE),
            ("h", tarfile.LNKTYPE),
            ("c", tarfile.CHRTYPE),
            ("f", tarfile.FIFOTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("r" * 300)
        info.size = 2
        archive.addfile(info, io.BytesIO(b"ok"))
    assert opened(out.getvalue()) == ({"r" * 300: b"ok"}, [])


def test_sparse_tar(tmp_path: Path) -> None:
    with open(tmp_path / "s", "wb") as file:
        file.seek(3 << 20)
        file.write(b"end of the hole\n")
    for form in ("gnu", "posix"):
        made = tmp_path / f"{form}.tar"
        code = os.spawnlp(
            os.P_WAIT, "tar", "tar", "-C", str(tmp_path), "--sparse", f"--format={form}", "-cf", str(made), "s"
        )
        assert code == 0
        assert made.stat().st_size < 1 << 20
        found, gaps = opened(made.read_bytes())
        assert gaps == []
        assert found["s"] == (tmp_path / "s").read_bytes()


def test_encrypted_members_are_said_and_the_others_read(tmp_path: Path) -> None:
    found, gaps = opened(make_7z(FILES, password="open sesame"))
    assert found == {}
    assert failed(gaps) == ["a/box: the 7z file is encrypted"]
    data = bytearray(make_zip({"secret": b"\x17" * 40, "plain": b"plain"}, zipfile.ZIP_STORED))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    data[data.index(b"\x17" * 40)] ^= 0x55
    found, gaps = opened(bytes(data))
    assert found == {"plain": b"plain"}
    assert failed(gaps) == ["a/box!secret: encrypted"]


def test_a_false_encryption_flag_hides_nothing() -> None:
    data = bytearray(make_zip({"x/data.pkl": pickle.dumps([1]), "x/version": b"3"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert opened(bytes(data))[0]["x/data.pkl"] == pickle.dumps([1])


def test_a_wrong_checksum_hides_nothing() -> None:
    data = bytearray(make_zip({"a": b"content"}))
    data[data.index(b"PK\x01\x02") + 16] ^= 0xFF
    found, gaps = opened(bytes(data))
    assert found == {"a": b"content"}
    assert failed(gaps) == ["a/box!a: the checksum does not fit"]


def test_zip_without_its_table_of_contents() -> None:
    whole = make_zip(FILES)
    found, gaps = opened(whole[: whole.index(b"PK\x01\x02")])
    assert found == FILES
    assert failed(gaps) == ["a/box: the zip file has no usable table of contents; read by its local headers"]


def test_streamed_zip_without_its_table_of_contents() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.out = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, part: Any) -> int:
            self.out += part
            return len(part)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    whole = bytes(pipe.out)
    assert opened(whole) == (FILES, [])
    found, gaps = opened(whole[: whole.index(b"PK\x01\x02")])
    assert found == FILES
    assert len(failed(gaps)) == 1


def test_members_that_the_table_of_contents_hides() -> None:
    whole = make_zip({"shown": b"a" * 10, "hidden": b"b" * 10, "last": b"c"}, zipfile.ZIP_STORED)
    start = whole.index(b"PK\x01\x02")
    second = whole.index(b"PK\x01\x02", start + 1)
    third = whole.index(b"PK\x01\x02", second + 1)
    end = whole.index(b"PK\x05\x06")
    directory = whole[start:second] + whole[third:end]
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), start, 0)
    found, gaps = opened(whole[:start] + directory + record)
    assert found == {"shown": b"a" * 10, "hidden": b"b" * 10, "last": b"c"}
    assert gaps == []


def test_zip64_and_things_before_the_zip() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("big", "w", force_zip64=True) as file:
        file.write(b"content")
    assert opened(out.getvalue()) == ({"big": b"content"}, [])
    for before in (b"#!/usr/bin/python3\n", b"#!/bin/sh\n" + b"exit\n" * 2000, bytes(5000)):
        assert opened(before + make_zip(FILES), "app.run") == (FILES, [])


def test_zip_behind_a_program() -> None:
    program = b"\x7fELF" + bytes(500)
    assert opened(program + make_zip(FILES))[0] == FILES
    assert opened(program) == ({}, [])


def test_many_members_use_zip64_counts() -> None:
    files = {f"f{number}": b"" for number in range(66_000)}
    found, gaps = opened(make_zip(files, zipfile.ZIP_STORED))
    assert len(found) == 66_000
    assert gaps == []


def test_truncated_gzip_gives_what_was_there() -> None:
    data = "".join(f"line {number} {random.random()}\n" for number in range(20_000)).encode()
    packed = gzip.compress(data)
    found, gaps = opened(packed[: len(packed) // 2])
    assert data.startswith(found[""])
    assert len(found[""]) > 10_000
    assert failed(gaps) == ["a/box: the gzip data ends early"]


@pytest.mark.parametrize("kind", PACKERS)
def test_each_truncated_stream_gives_what_was_there(kind: str) -> None:
    data = "".join(f"line {number} {random.random()}\n" for number in range(60_000)).encode()
    packed = PACKERS[kind](data)
    found, gaps = opened(packed[: len(packed) * 2 // 3])
    assert data.startswith(found[""])
    assert len(found[""]) > 10_000
    assert failed(gaps) == [f"a/box: the {kind} data ends early"]


def test_truncated_tar_gives_the_members_before() -> None:
    data = make_tar({"a": b"x" * 5000, "b": b"y" * 5000, "c": b"z" * 5000})
    found, gaps = opened(data[: 512 + 5120 + 512 + 3000])
    assert found["a"] == b"x" * 5000
    assert found["b"] == b"y" * 3000
    assert failed(gaps) == ["a/box: the tar file ends early, inside b"]
    found, gaps = opened(gzip.compress(data)[:-30])
    assert found["a"] == b"x" * 5000
    assert len(failed(gaps)) == 1


# Limits


def test_depth() -> None:
    data = b"core"
    for _ in range(20):
        data = make_zip({"x": data})
    found, gaps = opened(data)
    assert b"core" not in found.values()
    assert len(failed(gaps)) == 1
    assert "nested deeper than 12 levels" in failed(gaps)[0]


def test_members() -> None:
    found, gaps = opened(make_zip({str(number): b"" for number in range(50)}), limits=Limits(members=20))
    assert len(found) == 20
    assert failed(gaps) == ["a/box: holds more than 20 members; the rest is unread"]


@pytest.mark.parametrize("kind", [*PACKERS, "zip", "7z"])
def test_bombs_end_in_bounded_memory(kind: str) -> None:
    bomb = bytes(48 << 20)
    if kind in PACKERS:
        data = PACKERS[kind](bomb)
    else:
        data = make_zip({"bomb": bomb}) if kind == "zip" else make_7z({"bomb": bomb})
    del bomb
    limits = Limits(member=4 << 20, held=8 << 20, unpacked=16 << 20)
    tracemalloc.start()
    found, gaps = opened(data, limits=limits)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(failed(gaps)) == 1
    assert found == {}
    assert peak < 40 << 20


def test_a_bomb_of_many_members_ends() -> None:
    layer = make_zip({f"{number}": bytes(10 << 20) for number in range(16)})
    bomb = make_zip({f"{number}.zip": layer for number in range(16)})
    start = time.process_time()
    found, gaps = opened(bomb, limits=Limits(unpacked=100 << 20))
    assert time.process_time() - start < 5
    assert failed(gaps) == ["a/box: unpacks to more than 100 MiB; the rest is unread"]
    assert len(found) > 1


def test_overlapping_members_end() -> None:
    """The construction of David Fifield's bomb: many entries of the table of contents share one kernel."""
    one = make_zip({"k": bytes(1 << 20)})
    start = one.index(b"PK\x01\x02")
    entry = bytearray(one[start : one.index(b"PK\x05\x06")])
    body = one[:start]
    entries = b""
    for number in range(5000):
        struct.pack_into("<L", entry, 42, number)
        entries += entry
    body = body[:start] + b"".join(b"" for _ in range(1))
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 5000, 5000, len(entries), start, 0)
    begun = time.process_time()
    _, gaps = opened(body + entries + record)
    assert time.process_time() - begun < 5
    assert failed(gaps)


def test_a_quine_ends() -> None:
    """A gzip file whose content is a gzip file, and so on: twenty levels stand for no end."""
    data = b"x"
    for _ in range(20):
        data = gzip.compress(data)
    _, gaps = opened(data)
    assert "nested deeper" in failed(gaps)[0]


def test_text_that_is_too_large_is_read_from_its_beginning() -> None:
    line = b"a line of a long log\n"
    found, gaps = opened(make_zip({"log": line * 100_000}), limits=Limits(member=1 << 20))
    assert found["log"].startswith(line * 1000)
    assert "not read further" in failed(gaps)[0]


# Damage


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.7z", "a.xz", "a.bz2", "a.tar.zst", "a.lz4"])
@pytest.mark.parametrize("data", [bytes(range(256)) * 20, bytes(3000), b"\xff\x00\x01"])
def test_what_only_its_name_calls_an_archive_is_a_broken_one(name: str, data: bytes) -> None:
    found, gaps = opened(data, name)
    assert found == {}
    assert len(failed(gaps)) == 1 or (name == "a.tar" and not data.strip(b"\0"))


_WHOLES = {
    "zip": make_zip(FILES),
    "tar": make_tar(FILES),
    "7z": make_7z(FILES),
    **{kind: pack(make_tar({"a": b"xyz" * 10})) for kind, pack in PACKERS.items()},
}


@pytest.mark.parametrize("kind", _WHOLES)
def test_truncated_at_every_byte(kind: str) -> None:
    whole = _WHOLES[kind]
    step = max(1, len(whole) // 250)
    for length in range(0, len(whole), step):
        found, gaps = opened(whole[:length])
        assert all(isinstance(gap, Coverage) and "\n" not in gap.reason for gap in gaps)
        assert found.keys() <= {*FILES, "a", ""}


@pytest.mark.parametrize("kind", _WHOLES)
def test_flipped_bits_raise_nothing(kind: str) -> None:
    dice = random.Random(kind)
    for _ in range(100 if kind == "7z" else 250):
        broken = bytearray(_WHOLES[kind])
        for _ in range(dice.randint(1, 6)):
            broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        start = time.process_time()
        _, gaps = opened(bytes(broken), limits=Limits(unpacked=64 << 20, member=16 << 20))
        assert time.process_time() - start < 3
        assert all("\n" not in gap.reason for gap in gaps)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text("abc/.é", min_size=1, max_size=8), st.binary(max_size=300), max_size=6))
def test_whatever_goes_in_comes_out(files: dict[str, bytes]) -> None:
    clean = {
        name.strip("/"): data
        for name, data in files.items()
        if set(name.strip("/").split("/")).isdisjoint({"", ".", ".."})
    }
    for make in (make_zip, make_tar):
        found: dict[str, bytes] = {}
        for seen in members(blob_of(make(clean))):
            if isinstance(seen, Blob) and "!" not in (seen.location.member or "") and len(seen.inside) == 1:
                found[seen.location.member or ""] = seen.bytes()
        assert found == clean
