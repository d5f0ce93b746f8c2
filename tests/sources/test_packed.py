from __future__ import annotations

import gzip
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.model.location import Location
from bartizan.sources.archive import members
from bartizan.sources.budget import Limits
from bartizan.sources.packed import MAX_FILE, PackedFolder
from tests.sources.archives import blob_of, make_7z, make_tar, make_zip

FILES = {"top.md": b"# top", "a/config.json": b"{}", "a/b/code.py": b"x = 1\n", "a/b/big.bin": b"\1" * (MAX_FILE + 1)}


def folders_of(data: bytes, path: str = "x/box", limits: Limits | None = None) -> dict[str, PackedFolder]:
    """What each directory listed, by its place; they are looked at while they are valid."""
    seen: dict[str, PackedFolder] = {}
    for each in members(blob_of(data, path), limits or Limits(), folders=True):
        if isinstance(each, PackedFolder):
            seen[str(each.location)] = each
            each.read("top.md")
    return seen


@pytest.mark.parametrize("make", [make_zip, make_tar, make_7z])
def test_directories_come_after_the_members(make: object) -> None:
    assert callable(make)
    looked: list[str] = []
    for each in members(blob_of(make(FILES)), folders=True):
        if not isinstance(each, PackedFolder):
            continue
        looked.append(f"{each.location} {' '.join(each.files)} | {' '.join(each.folders)}")
        if each.path == "a":
            assert each.read("config.json") == b"{}"
            assert each.read("b/code.py") == b"x = 1\n"
            assert each.read("../top.md") == b"# top"
            assert each.read("../../top.md") is None
            assert each.read("b/big.bin") is None
            assert each.read("b/code.py", limit=2) is None
            assert each.at("b/code.py", 3) == Location(path="a/box", member="a/b/code.py", line=3)
            inner = each.enter("b")
            assert inner is not None
            assert inner.files == ("big.bin", "code.py")
            assert each.enter("missing") is None
    assert looked == ["a/box top.md | a", "a/box!a config.json | b", "a/box!a/b big.bin code.py | "]


def test_nested_archives_have_directories_of_their_own() -> None:
    inner = make_zip({"skill/SKILL.md": b"---\n"})
    seen = folders_of(gzip.compress(make_tar({"pack/in.zip": inner})), "x.tgz")
    assert set(seen) == {"x.tgz", "x.tgz!pack", "x.tgz!pack/in.zip", "x.tgz!pack/in.zip!skill"}
    folder = seen["x.tgz!pack/in.zip!skill"]
    assert folder.path == "skill"
    assert folder.location.leaf == "skill"
    assert str(folder.at("SKILL.md", 1)) == "x.tgz!pack/in.zip!skill/SKILL.md:1"


def test_names_that_lead_out_or_come_from_windows() -> None:
    seen = folders_of(
        make_zip({"../up/a.md": b"", "/root/b.md": b"", "c//d.md": b"", "s\\t\\SKILL.md": b"hello"}), "b.zip"
    )
    assert set(seen) == {"b.zip", "b.zip!s", "b.zip!s/t"}
    assert str(seen["b.zip!s/t"].at("SKILL.md")) == "b.zip!s\\t\\SKILL.md"


def test_a_single_stream_and_a_file_format_have_none() -> None:
    assert not folders_of(gzip.compress(b"just text"), "log.gz")
    assert not folders_of(make_zip({"inner/log.gz": gzip.compress(b"x")}), "m.npz").keys() - {"m.npz", "m.npz!inner"}
    torch = make_zip({"archive/data.pkl": b"\x80\x02N.", "archive/version": b"3\n"})
    assert not folders_of(torch, "model.pt")


def test_what_was_read_before_a_limit_still_has_directories() -> None:
    files = {f"d/{number}.txt": b"x" for number in range(30)}
    seen = folders_of(make_tar(files), "x.tar", Limits(members=10))
    assert len(seen["x.tar!d"].files) == 10


def test_memory_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(300):
            archive.writestr(f"d/{number}.txt", bytes([32 + number % 90]) * 500_000)
    data = path.read_bytes()
    tracemalloc.start()
    for _ in members(blob_of(data), Limits(kept=8 << 20), folders=True):
        pass
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


NAMES = st.text(st.sampled_from("ab./\\!\0é"), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, max_size=8))
def test_any_names_are_survived(names: list[str]) -> None:
    for folder in folders_of(make_tar(dict.fromkeys(names, b"x")), "x.tar").values():
        for name in folder.files:
            assert folder.at(name).member
        for name in (*folder.folders, *names):
            folder.read(name)
            folder.enter(name)
            folder.at(name)
