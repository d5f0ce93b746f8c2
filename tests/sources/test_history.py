from __future__ import annotations

import gzip
import os
import random
import shutil
import time
from pathlib import Path

import pytest

from bartizan.model.blob import Blob
from bartizan.model.coverage import Outcome
from bartizan.model.settings import Settings
from bartizan.scope.guard import Guard
from bartizan.scope.target import parse_target
from bartizan.sources.files import Files
from bartizan.sources.history import History
from bartizan.sources.source import Batch
from tests.sources.archives import make_zip
from tests.sources.repositories import Repo, files, history


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "r")


def _blob(blobs: list[Blob], content: bytes) -> Blob:
    return next(blob for blob in blobs if blob.bytes() == content)


def _new_lines(blob: Blob) -> list[int]:
    assert blob.is_new is not None
    return [line for line in range(1, blob.bytes().count(b"\n") + 1) if blob.is_new(line)]


def test_each_version_once_with_its_first_commit(repo: Repo) -> None:
    first = repo.commit(a=b"one\n")
    second = repo.commit(a=b"two\n", d__b=b"one\n")
    third = repo.commit(a=b"three\n", d__b=None)
    repo.commit(a=b"one\n")
    repo.write("a", b"changed\n")
    blobs, gaps = history(repo.path)
    assert gaps == []
    assert files(blobs) == {"one\n": ("a", first), "two\n": ("a", second), "three\n": ("a", third)}
    assert list(files(blobs)) == ["one\n", "two\n", "three\n"]
    assert len([blob for blob in blobs if blob.location.record is None]) == 3


def test_what_lies_unchanged_in_the_working_tree_is_left_out(repo: Repo) -> None:
    repo.commit(kept=b"kept\n", changed=b"before\n", removed=b"removed\n", same_size=b"12345\n", touched=b"touched\n")
    repo.write("changed", b"after, and longer\n")
    repo.write("same_size", b"54321\n")
    (repo.path / "removed").unlink()
    os.utime(repo.path / "touched", (1, 1))
    assert set(files(history(repo.path)[0])) == {"before\n", "removed\n", "12345\n"}


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_each_version_of_the_index(repo: Repo, version: str) -> None:
    repo.commit(**{f"dir__sub__file{number}": b"%d\n" % number for number in range(30)})
    if version == "3":
        repo.write("later", b"later\n")
        repo.git("add", "-N", "later")
    repo.git("update-index", "--index-version", version)
    blobs, gaps = history(repo.path)
    assert files(blobs) == {}
    assert gaps == []


def test_a_broken_index_hides_nothing(repo: Repo) -> None:
    repo.commit(a=b"a\n")
    index = repo.path / ".git/index"
    whole = index.read_bytes()
    for length in range(0, len(whole), 5):
        index.write_bytes(whole[:length])
        assert history(repo.path)[1] == []
    index.unlink()
    assert "a\n" in files(history(repo.path)[0])


def test_branches_tags_stashes_and_what_is_lost(repo: Repo) -> None:
    repo.commit(a=b"base\n")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(b=b"on a branch\n")
    repo.git("checkout", "-q", "main")
    repo.write("a", b"stashed\n")
    repo.git("stash", "-q")
    lost = repo.commit(c=b"lost with its commit\n")
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("hash-object", "-w", "--stdin", data=b"never committed\n")
    blobs, gaps = history(repo.path)
    found = files(blobs)
    assert gaps == []
    assert {"on a branch\n", "lost with its commit\n", "never committed\n"} <= found.keys()
    assert found["lost with its commit\n"] == ("c", lost)
    path, commit = found["never committed\n"]
    assert commit is None
    assert path is not None
    assert path.startswith(".git/objects/")


def test_stash(repo: Repo) -> None:
    repo.commit(a=b"base\n")
    repo.write("a", b"stashed\n")
    repo.git("stash", "-q")
    assert files(history(repo.path)[0])["stashed\n"][0] == "a"


def test_messages_and_tags_are_texts(repo: Repo) -> None:
    commit = repo.commit("a telling message\n\nwith a body", a=b"a\n")
    repo.git("tag", "-a", "v1", "-m", "a telling tag")
    blobs, _ = history(repo.path)
    message = next(blob for blob in blobs if b"telling message" in blob.bytes())
    assert (message.location.commit, message.location.record, message.format) == (commit, "commit message", "text")
    assert any(b"a telling tag" in blob.bytes() for blob in blobs)


def test_packed_and_bare(repo: Repo, tmp_path: Path) -> None:
    for number in range(20):
        repo.commit(a=b"line\n" * number + b"%d\n" % number)
    expected = files(history(repo.path)[0])
    repo.git("gc", "-q", "--aggressive", "--prune=now")
    assert files(history(repo.path)[0]) == expected
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    bare = files(history(tmp_path / "bare.git")[0])
    assert bare.items() >= expected.items()
    assert len(bare) == 20
    source = History(Settings(), Guard(None))
    assert source.opens(str(tmp_path / "bare.git"))
    assert source.is_bare(str(tmp_path / "bare.git"))
    assert source.opens(str(repo.path))
    assert not source.is_bare(str(repo.path))
    assert not source.opens(str(tmp_path))
    assert files(history(repo.path / ".git")[0]).items() >= expected.items()


def test_a_bare_repository_met_on_the_way(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a=b"in the bare one\n")
    target = tmp_path / "t"
    repo.git("clone", "-q", "--bare", ".", str(target / "mirrors/b.git"))
    source = Files(Settings(), Guard(None))
    seen = [
        (subject.location.path, subject.bytes())
        for batch in source.batches(parse_target(str(target)))
        if isinstance(batch, Batch)
        for subject in (source if batch.source == "files" else source.history).subjects(batch)
        if isinstance(subject, Blob)
    ]
    assert ("mirrors/b.git/a", b"in the bare one\n") in seen
    assert {path for path, _ in seen} == {"mirrors/b.git/a", "mirrors/b.git/config", "mirrors/b.git/.git"}


def test_a_repository_below_the_target(repo: Repo) -> None:
    commit = repo.commit(a=b"old\n")
    repo.commit(a=b"new\n")
    assert files(history(repo.path.parent, "r")[0]) == {"old\n": ("r/a", commit)}


def test_submodules(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    commit = other.commit(s=b"old in the submodule\n")
    other.commit(s=b"new in the submodule\n")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "lib/sub")
    repo.commit()
    found = files(history(repo.path)[0])
    assert found == {"old in the submodule\n": ("lib/sub/s", commit)}


# Which lines are new


def test_new_lines_of_a_change(repo: Repo) -> None:
    repo.commit(a=b"1\n2\n3\n")
    repo.commit(a=b"0\n1\nchanged\n3\n3\n")
    repo.commit(a=b"")
    blobs, _ = history(repo.path)
    assert _new_lines(_blob(blobs, b"1\n2\n3\n")) == [1, 2, 3]
    assert _new_lines(_blob(blobs, b"0\n1\nchanged\n3\n3\n")) == [1, 3, 5]


def test_a_rename_makes_no_old_line_new(repo: Repo) -> None:
    repo.commit(old__name=b"key\nmore\n", other=b"x\n")
    repo.commit(old__name=None, new__name=b"key\nmore\nadded\n")
    repo.commit(new__name=b"")
    assert _new_lines(_blob(history(repo.path)[0], b"key\nmore\nadded\n")) == [3]


def test_a_copy_is_new_where_it_lands(repo: Repo) -> None:
    repo.commit(a=b"key\n")
    repo.commit(b=b"key\nand more\n")
    repo.commit(b=b"")
    assert _new_lines(_blob(history(repo.path)[0], b"key\nand more\n")) == [1, 2]


def test_new_lines_of_a_merge_are_new_to_both_sides(repo: Repo) -> None:
    repo.commit(a=b"base\n")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit(a=b"base\nside\n")
    repo.git("checkout", "-q", "main")
    repo.commit(a=b"main\nbase\n")
    repo.git("merge", "-q", "--no-commit", "side")
    repo.write("a", b"main\nbase\nside\nby the merge\n")
    repo.git("commit", "-q", "-a", "-m", "merge")
    repo.commit(a=b"")
    assert _new_lines(_blob(history(repo.path)[0], b"main\nbase\nside\nby the merge\n")) == [4]


def test_shallow_clone(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a=b"1\n")
    repo.commit(a=b"1\n2\n")
    repo.git("clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow"))
    (tmp_path / "shallow/a").unlink()
    blobs, gaps = history(tmp_path / "shallow")
    assert gaps == []
    assert _new_lines(_blob(blobs, b"1\n2\n")) == [1, 2]


def test_partial_clone(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a=b"1\n")
    repo.commit(a=b"2\n")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repo.path}", str(tmp_path / "partial"))
    blobs, gaps = history(tmp_path / "partial")
    assert files(blobs) == {}
    assert [(gap.outcome, gap.reason) for gap in gaps] == [
        (Outcome.SKIPPED, "the content of 2 files is not in the repository")
    ]


def test_sha256_is_said(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r", "--object-format=sha256")
    repo.commit(a=b"1\n")
    blobs, gaps = history(repo.path)
    assert blobs == []
    assert [gap.reason for gap in gaps] == ["repositories with SHA-256 object names cannot be read"]


def test_archives_in_history_are_opened(repo: Repo) -> None:
    packed = make_zip({"k.env": b"KEY\n", "deep.gz": gzip.compress(b"deep\n")})
    commit = repo.commit(z=packed)
    repo.commit(z=b"")
    blobs, _ = history(repo.path)
    inner = {blob.location.member: blob for blob in blobs if blob.location.member}
    assert set(inner) == {"k.env", "deep.gz"}
    assert inner["k.env"].location.commit == commit


# What others may have put there


def test_hooks_configuration_and_owner_do_not_count(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a=b"old\n")
    repo.commit(a=b"new\n")
    hook = repo.path / ".git/hooks/post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    with open(repo.path / ".git/config", "a") as file:
        file.write(
            f'[core]\n\tfsmonitor = "touch {tmp_path}/ran"\n\trepositoryformatversion = 99\n[extensions]\n\tx = y\n'
        )
    assert set(files(history(repo.path)[0])) == {"old\n"}
    assert not (tmp_path / "ran").exists()


def test_borrowed_objects_outside_the_target_are_refused(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a=b"outside\n")
    clone = tmp_path / "t/clone"
    repo.git("clone", "-q", "--shared", "--no-checkout", str(repo.path), str(clone))
    blobs, gaps = history(tmp_path / "t/clone")
    assert files(blobs) == {}
    assert [gap.outcome for gap in gaps] == [Outcome.SKIPPED]
    blobs, gaps = history(tmp_path, "t/clone")
    assert set(files(blobs)) == {"outside\n"}
    assert gaps == []


def test_objects_that_are_a_link_out_of_the_target_are_refused(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a=b"outside\n")
    shutil.copytree(repo.path, tmp_path / "t")
    shutil.rmtree(tmp_path / "t/.git/objects")
    (tmp_path / "t/.git/objects").symlink_to(repo.path / ".git/objects")
    blobs, gaps = history(tmp_path / "t")
    assert blobs == []
    assert [gap.reason for gap in gaps] == ["the repository's objects lie outside the target"]


def test_damaged_objects_are_said_and_the_rest_read(repo: Repo) -> None:
    repo.commit(a=b"first\n", b=b"second\n")
    repo.commit(a=b"", b=b"")
    victim = repo.git("rev-parse", "HEAD~1:a")
    path = repo.path / ".git/objects" / victim[:2] / victim[2:]
    path.chmod(0o644)
    path.write_bytes(b"rubbish")
    blobs, gaps = history(repo.path)
    assert "second\n" in files(blobs)
    assert gaps
    assert all(gap.outcome is Outcome.FAILED and victim in gap.reason for gap in gaps)


def test_flipped_bits_raise_nothing(repo: Repo) -> None:
    for number in range(6):
        repo.commit(a=b"line\n" * 50 + b"%d\n" % number, **{f"d__f{number}": os.urandom(20)})
    repo.git("gc", "-q", "--prune=now")
    [pack] = (repo.path / ".git/objects/pack").glob("*.pack")
    [index] = (repo.path / ".git/objects/pack").glob("*.idx")
    dice = random.Random(7)
    for victim in (pack, index):
        whole = victim.read_bytes()
        victim.chmod(0o644)
        for _ in range(40):
            broken = bytearray(whole)
            for _ in range(dice.randint(1, 4)):
                broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
            victim.write_bytes(broken)
            _, gaps = history(repo.path)
            assert all("\n" not in gap.reason for gap in gaps)
        for _ in range(10):
            victim.write_bytes(whole[: dice.randrange(len(whole))])
            history(repo.path)
        victim.write_bytes(whole)


def test_a_tree_that_holds_itself_many_times_is_read_once(repo: Repo) -> None:
    tree = repo.git(
        "mktree", data=b"100644 blob " + repo.git("hash-object", "-w", "--stdin", data=b"leaf\n").encode() + b"\tf\n"
    )
    for _ in range(30):
        tree = repo.git(
            "mktree", data=b"".join(b"040000 tree %s\t%d\n" % (tree.encode(), number) for number in range(10))
        )
    commit = repo.git("commit-tree", "-m", "bomb", tree)
    start = time.process_time()
    found = files(history(repo.path)[0])
    assert time.process_time() - start < 1
    assert found["leaf\n"][1] == commit


def test_links_and_strange_names(repo: Repo) -> None:
    (repo.path / "link").symlink_to("/etc/passwd")
    (repo.path / os.fsdecode(b"caf\xe9 \xc3\xa9.txt")).write_bytes(b"strange name\n")
    repo.commit()
    shutil.rmtree(repo.path / ".git/refs/tags")
    for entry in list(repo.path.iterdir()):
        if entry.name != ".git":
            entry.unlink()
    found = files(history(repo.path)[0])
    assert found["strange name\n"][0] == "caf\\xe9 é.txt"
    assert "/etc/passwd" not in found
