"""Folders that cases write down."""

from __future__ import annotations

from bartizan.model.blob import Blob
from bartizan.rules.case import Case
from bartizan.sources.written import WrittenFolder, written_folder

CASE = Case(name="c", files={"a.txt": "one", "b/c/d.txt": "<<digit 4>>"})


def test_each_text_is_a_blob_and_each_directory_a_folder() -> None:
    subjects = list(written_folder(CASE))
    assert [str(each.location) for each in subjects if isinstance(each, Blob)] == ["a.txt", "b/c/d.txt"]
    folders = [each for each in subjects if isinstance(each, WrittenFolder)]
    assert [each.location.path for each in folders] == [".", "b", "b/c"]
    assert (folders[0].files, folders[0].folders) == (("a.txt",), ("b",))


def test_folders_read_below_themselves() -> None:
    top, middle, _ = (each for each in written_folder(CASE) if isinstance(each, WrittenFolder))
    assert top.read("a.txt") == b"one"
    assert top.read("a.txt", limit=2) is None
    data = middle.read("c/d.txt")
    assert data is not None
    assert data.isdigit()
    assert middle.read("../a.txt") is None
    inner = top.enter("b/c")
    assert inner is not None
    assert str(inner.at("d.txt", 3)) == "b/c/d.txt:3"
    assert top.enter("none") is None
