from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import py_compile
import struct
import sys
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path

import lz4.frame
import pytest
import yaml
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bartizan.sources.format import sniff


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"content of " + name.encode())
    return out.getvalue()


def _tar(form: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        info = tarfile.TarInfo("a/b.txt")
        info.size = 3
        archive.addfile(info, io.BytesIO(b"abc"))
    return out.getvalue()


def _old_tar() -> bytes:
    """As before POSIX: no `ustar`, only the checksum."""
    block = bytearray(_tar(tarfile.USTAR_FORMAT))
    block[257:512] = bytes(255)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


def _safetensors() -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4)


CONTENTS = {
    "text": b"def main():\n    return 1\n" * 300,
    "zip": _zip("a.txt", "b/c.py"),
    "torch-zip": _zip("model/data.pkl", "model/version", "model/data/0"),
    "npz": _zip("a.npy", "b.npy"),
    "keras-zip": _zip("metadata.json", "config.json", "model.weights.h5"),
    "jar": _zip("META-INF/MANIFEST.MF", "a/B.class"),
    "wheel": _zip("p/__init__.py", "p-1.dist-info/WHEEL", "p-1.dist-info/RECORD"),
    "ooxml": _zip("[Content_Types].xml", "word/document.xml"),
    "tar": _tar(tarfile.PAX_FORMAT),
    "gzip": gzip.compress(b"x" * 100),
    "bzip2": bz2.compress(b"x" * 100),
    "xz": lzma.compress(b"x" * 100),
    "lzma": lzma.compress(b"x" * 100, format=lzma.FORMAT_ALONE),
    "zlib": zlib.compress(b"x" * 100),
    "zstd": zstandard.compress(b"x" * 100),
    "lz4": lz4.frame.compress(b"x" * 100),
    "pickle": pickle.dumps({"a": [1, 2]}),
    "npy": b"\x93NUMPY\x01\x00" + struct.pack("<H", 8) + b"{'a':1}\n",
    "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(64),
    "gguf": b"GGUF" + struct.pack("<IQQ", 3, 0, 0),
    "safetensors": _safetensors(),
    "tflite": struct.pack("<I", 28) + b"TFL3" + bytes(40),
    "sqlite": b"SQLite format 3\0" + bytes(84),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "parquet": b"PAR1" + bytes(20) + b"PAR1",
    "utf16": "key: värde\n".encode("utf-16"),
    "utf32": "key: värde\n".encode("utf-32"),
    "empty": b"",
    "data": bytes(range(256)) * 4,
}


@pytest.mark.parametrize("word", CONTENTS)
@pytest.mark.parametrize("name", ["file", "wrong.txt", "wrong.png"])
def test_content_decides_whatever_the_name(word: str, name: str) -> None:
    assert sniff(name, CONTENTS[word]) == word
    assert sniff(name, memoryview(CONTENTS[word])) == word


def test_real_executables_and_bytecode(tmp_path: Path) -> None:
    with open(sys.executable, "rb") as file:
        assert sniff("python", file.read()) == "elf"
    (tmp_path / "a.py").write_text("a = 1\n")
    compiled = py_compile.compile(str(tmp_path / "a.py"), str(tmp_path / "a.bin"))
    assert compiled
    assert sniff("a.bin", Path(compiled).read_bytes()) == "pyc"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_of_each_form(form: int) -> None:
    assert sniff("x", _tar(form)) == "tar"


def test_tar_without_a_magic() -> None:
    assert sniff("x", _old_tar()) == "tar"


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, (1, "b", 2.5), OrderedDict(a=1), os.system, {1, 2}])
def test_pickles_of_each_protocol(protocol: int, value: object) -> None:
    assert sniff("model.bin", pickle.dumps(value, protocol)) == "pickle"


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_that_break_after_the_call(protocol: int) -> None:
    whole = pickle.dumps(_Evil(), protocol)
    assert sniff("x.txt", whole[:-1] + b"\xff\xff") == "pickle"


@pytest.mark.parametrize(
    "stream",
    [b"cos\nsystem\n(S'true'\ntR.", b"(S'true'\nios\nsystem\n.", b"(cos\nsystem\nS'true'\no.", b"I1\n0cos\nsystem\n."],
)
def test_handwritten_pickles(stream: bytes) -> None:
    assert sniff("notes.txt", stream) == "pickle"


@pytest.mark.parametrize(
    "text",
    [
        "import os\nimport sys\n",
        "class A:\n    pass\n",
        "cat\ndog\nRat\n",
        "(see below)\n",
        "Copyright 2017\n\nCopyright by others.\n",
        "CMP0068\n-------\n\n.. versionadded:: 3.9\n",
        "Git v1.7\n=====\n\nText.",
        "I am.\n.\n",
        "VERSION\n.hidden\n",
        "GGUF is a format\n",
        "PAR1 and MZ and BM\n",
        "RIFF raff\n",
        "[1, 2]",
        "{}",
        "{\n}",
        "N\n",
        ")",
        "x^2 + y^2",
        "Öffentlich\n",
        "日本語のテキスト。\n",
    ],
)
def test_text_is_text(text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        assert sniff("model.dat", text.encode(encoding)) == "text"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "gbk", "shift_jis", "iso2022_jp", "big5"])
def test_text_in_old_encodings(encoding: str) -> None:
    text = "naïve café\n" if encoding in ("latin-1", "cp1252") else "日本人 token = 1\n"
    assert sniff("a", (text * 20).encode(encoding)) == "text"


def test_text_with_a_stray_nul_is_still_read() -> None:
    assert sniff("app.log", b"2026-01-01 started\n" * 50 + b"\0\0" + b"key = value\n" * 50) == "text"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark(encoding: str) -> None:
    assert sniff("settings.ini", "[section]\r\nkey=value\r\n".encode(encoding)) == encoding[:6].replace("-", "")


def test_zip_behind_a_shebang_and_with_a_comment() -> None:
    out = io.BytesIO(b"#!/usr/bin/env python3\n")
    out.seek(0, 2)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("__main__.py", "print(1)")
    assert sniff("app", out.getvalue()) == "zip"
    commented = io.BytesIO(CONTENTS["zip"])
    with zipfile.ZipFile(commented, "a") as archive:
        archive.comment = b"a comment"
    assert sniff("app", commented.getvalue()) == "zip"


def test_hdf5_behind_a_user_block() -> None:
    assert sniff("m.h5", bytes(1024) + b"\x89HDF\r\n\x1a\n" + bytes(50)) == "hdf5"


@pytest.mark.parametrize("word", [word for word in CONTENTS if word != "empty"])
def test_truncated_at_every_byte_never_raises(word: str) -> None:
    content = CONTENTS[word][:1500]
    for length in range(len(content)):
        assert sniff("x", content[:length])


@given(st.binary(max_size=600), st.text(max_size=12))
def test_any_bytes_have_a_word(data: bytes, name: str) -> None:
    word = sniff(name, data)
    assert word
    assert word == sniff(name, memoryview(data))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, min_size=1)))
def test_yaml_and_json_are_text(value: object) -> None:
    assert sniff("a", json.dumps({"k": value}).encode()) == "text"
    assert sniff("a", yaml.safe_dump({"k": value}).encode()) == "text"
