from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage
from bartizan.model.errors import UsageError
from bartizan.model.settings import Settings
from bartizan.scope.guard import Guard
from bartizan.scope.target import parse_target
from bartizan.sources.changes import Changes
from bartizan.sources.source import Batch
from tests.sources.repositories import Repo


def changes(path: Path, *, since: str = "") -> tuple[dict[str, list[int] | None], list[Coverage]]:
    """New lines of each file (None: all of it) by its place, and the gaps."""
    source = Changes(Settings(staged=not since, since=since), Guard())
    target = parse_target(str(path))
    source.check(target)
    seen: dict[str, list[int] | None] = {}
    gaps: list[Coverage] = []
    for batch in source.batches(target):
        for subject in source.subjects(batch) if isinstance(batch, Batch) else (batch,):
            if isinstance(subject, Coverage):
                gaps.append(subject)
            elif isinstance(subject, Blob) and not subject.location.record:
                lines = range(1, subject.bytes().count(b"\n") + 1)
                is_new = subject.is_new
                seen[str(subject.location)] = None if is_new is None else [line for line in lines if is_new(line)]
    return seen, gaps


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit("one", app__old=b"a\nb\n", keep=b"k\n", deep__er__still=b"s\n")
    return made


class TestStaged:
    def test_only_new_lines(self, repo: Repo) -> None:
        repo.write("app/old", b"a\nnew\nb\n")
        repo.write("app/fresh", b"x\n")
        repo.git("add", "-A")
        repo.write("keep", b"not staged\n")
        assert changes(repo.path) == ({"app/old": [2], "app/fresh": None}, [])

    def test_nothing(self, repo: Repo) -> None:
        repo.write("keep", b"not staged\n")
        assert changes(repo.path) == ({}, [])

    def test_the_index_counts_and_not_the_file(self, repo: Repo) -> None:
        repo.write("keep", b"k\nstaged\n")
        repo.git("add", "keep")
        repo.write("keep", b"k\n")
        assert changes(repo.path)[0] == {"keep": [2]}

    def test_before_the_first_commit(self, tmp_path: Path) -> None:
        made = Repo(tmp_path / "repo")
        made.write("a/b", b"x\n")
        made.git("add", "-A")
        assert changes(made.path)[0] == {"a/b": None}

    def test_no_index_at_all(self, tmp_path: Path) -> None:
        assert changes(Repo(tmp_path / "repo").path) == ({}, [])

    def test_renames_are_not_new(self, repo: Repo) -> None:
        repo.git("mv", "app/old", "moved")
        repo.git("rm", "-q", "--cached", "deep/er/still")
        repo.write("moved", b"a\nb\nc\n")
        repo.git("add", "moved")
        assert changes(repo.path)[0] == {"moved": [3]}

    def test_a_folder_that_becomes_a_file_and_the_other_way_round(self, repo: Repo) -> None:
        repo.git("rm", "-rq", "deep", "keep")
        repo.write("deep", b"s\nfile\n")
        repo.write("keep/in", b"k\nfolder\n")
        repo.git("add", "-A")
        assert changes(repo.path)[0] == {"deep": [2], "keep/in": [2]}

    def test_announced_files_and_links(self, repo: Repo) -> None:
        repo.write("announced", b"x\n")
        repo.git("add", "-N", "announced")
        (repo.path / "link").symlink_to("keep")
        repo.git("add", "link")
        assert changes(repo.path) == ({}, [])

    @pytest.mark.parametrize("version", ["2", "3", "4"])
    def test_versions_of_the_index(self, repo: Repo, version: str) -> None:
        repo.git("update-index", "--index-version", version)
        repo.write("deep/er/still", b"s\nt\n")
        repo.git("add", "-A")
        assert changes(repo.path)[0] == {"deep/er/still": [2]}

    def test_below_a_folder_and_a_single_file(self, repo: Repo) -> None:
        for name in ("app/x", "app/y", "top", "apple/z"):
            repo.write(name, b"x\n")
        repo.git("add", "-A")
        assert set(changes(repo.path / "app")[0]) == {"x", "y"}
        assert set(changes(repo.path / "app" / "x")[0]) == {"x"}

    def test_a_further_working_tree_and_a_submodule(self, repo: Repo, tmp_path: Path) -> None:
        repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
        (tmp_path / "side" / "keep").write_bytes(b"k\nside\n")
        repo.git("-C", str(tmp_path / "side"), "add", "-A")
        assert changes(tmp_path / "side")[0] == {"keep": [2]}
        assert changes(repo.path)[0] == {}
        other = Repo(tmp_path / "other")
        other.commit("one", inner=b"i\n")
        repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.path), "sub")
        repo.write("sub/inner", b"i\nj\n")
        repo.git("-C", str(repo.path / "sub"), "add", "-A")
        assert changes(repo.path / "sub")[0] == {"inner": [2]}
        assert set(changes(repo.path)[0]) == {".gitmodules"}

    def test_as_git_sees_it(self, repo: Repo) -> None:
        """Random changes on a tree of many folders, packed and with a warm cache of trees."""
        chance = random.Random(7)
        names = [f"d{at % 7}/e{at % 3}/f{at}" for at in range(120)]
        for name in names:
            repo.write(name, name.encode() + b"\n")
        repo.commit("many")
        repo.git("gc", "-q")
        repo.git("read-tree", "HEAD")
        for name in chance.sample(names, 15):
            if chance.random() < 0.3:
                (repo.path / name).unlink()
            else:
                repo.write(name, b"changed " + name.encode() + b"\n")
        repo.write("d1/new/one", b"x\n")
        repo.git("add", "-A")
        named = repo.git("diff", "--cached", "--name-only", "--diff-filter=d", "--no-renames").splitlines()
        assert set(changes(repo.path)[0]) == set(named)

    def test_a_missing_object_is_said(self, repo: Repo) -> None:
        repo.write("gone", b"some content\n")
        repo.git("add", "gone")
        oid = repo.git("rev-parse", ":gone")
        (repo.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
        seen, [gap] = changes(repo.path)
        assert (seen, gap.target) == ({}, "gone")


class TestSince:
    def test_every_commit_after_it_and_the_working_tree(self, repo: Repo) -> None:
        first = repo.git("rev-parse", "HEAD")
        two = repo.commit("two", app__old=b"a\nb\nsecret\n", brief=b"here\n")
        three = repo.commit("three", app__old=b"b\na\n", brief=None)
        repo.write("app/old", b"b\na\nlast\n")
        repo.write("loose", b"l\n")
        seen, gaps = changes(repo.path, since=first)
        assert gaps == []
        assert seen == {
            f"app/old@{two[:12]}": [3],
            f"brief@{two[:12]}": [1],
            f"app/old@{three[:12]}": [],
            "app/old": [3],
            "loose": None,
        }
        assert changes(repo.path, since=three)[0] == {"app/old": [3], "loose": None}

    def test_names_of_revisions(self, repo: Repo) -> None:
        repo.git("tag", "light")
        repo.git("tag", "-a", "-m", "t", "heavy")
        first = repo.git("rev-parse", "HEAD")
        repo.git("branch", "feature/x")
        repo.git("update-ref", "refs/remotes/origin/main", first)
        two = repo.commit("two", new=b"n\n")
        repo.commit("three", newer=b"m\n")
        expected = {f"new@{two[:12]}", f"newer@{repo.git('rev-parse', 'HEAD')[:12]}"}
        names = [first, first[:7], first[:12].upper(), "light", "heavy", "refs/tags/heavy", "feature/x", "origin/main"]
        names += ["HEAD~2", "HEAD^^", "@~2", "main~2", "HEAD~1^", "heavy^{commit}", "heavy^{}", "heads/feature/x"]
        for packed in (False, True):
            if packed:
                repo.git("gc", "-q")
            for name in names:
                assert set(changes(repo.path, since=name)[0]) == expected, name

    @pytest.mark.parametrize(
        "name", ["nope", "HEAD~9", "HEAD^2", "0" * 40, "../HEAD", "-x", "ffff", "a..b", "HEAD:keep"]
    )
    def test_unknown_revisions(self, repo: Repo, name: str) -> None:
        with pytest.raises(UsageError, match="no such revision"):
            changes(repo.path, since=name)

    def test_merges_bring_only_what_no_parent_has(self, repo: Repo) -> None:
        repo.git("checkout", "-q", "-b", "side")
        side = repo.commit("side", keep=b"k\nside\n")
        repo.git("checkout", "-q", "main")
        base = repo.commit("main", app__old=b"a\nb\nmain\n")
        repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
        assert set(changes(repo.path, since=base)[0]) == {f"keep@{side[:12]}"}

    def test_the_commits_are_those_that_git_names(self, repo: Repo) -> None:
        """A history with merges and clocks that run backwards."""
        chance = random.Random(3)
        for number in range(25):
            repo.clock += chance.choice([-5000, 10, 4000])
            if chance.random() < 0.3:
                repo.git("checkout", "-q", "-B", f"b{number}", f"HEAD~{min(2, number)}" if number > 3 else "HEAD")
            repo.commit(f"c{number}", **{f"f{number}": f"{number}\n".encode()})
            if chance.random() < 0.3:
                repo.git("merge", "-q", "--no-edit", "main")
        for since in ("main", "HEAD~3", "HEAD~5"):
            named = set(repo.git("rev-list", "--abbrev-commit", "--abbrev=12", f"{since}..HEAD").splitlines())
            found = {place.partition("@")[2] for place in changes(repo.path, since=since)[0]}
            assert found <= named
            brought = {commit for commit in named if repo.git("show", "--format=", "--name-only", "-m", commit)}
            assert {
                commit for commit in brought if len(repo.git("show", "-s", "--format=%P", commit).split()) < 2
            } <= found

    def test_ignored_files_are_left(self, repo: Repo) -> None:
        patterns = "*.log\n!keep.log\n/build/\nvendor/\n**/tmp/*.bin\ndoc/*.txt\n\\#x\n[ab]z\n"
        repo.commit("ignore", **{".gitignore": patterns.encode(), "sub__.gitignore": b"own\n!x.log\n"})
        names = ["a.log", "keep.log", "build/x", "src/build/x", "src/vendor/y", "tmp/a.bin", "q/tmp/b.bin", "doc/a.txt"]
        names += ["q/tmp/c/d.bin", "doc/in/b.txt", "#x", "az", "cz", "sub/own", "sub/deep/own", "sub/x.log", "own"]
        names += ["sub/y.log", "nest/.git/HEAD", "nest/file", "sp ace", "é"]
        for name in names:
            repo.write(name, b"x\n")
        (repo.path / "nest" / ".git" / "HEAD").write_bytes(b"ref: refs/heads/main\n")
        listed = repo.git("-c", "core.quotePath=off", "ls-files", "-o", "--exclude-standard").splitlines()
        wanted = {name for name in listed if not name.startswith("nest/")}
        assert set(changes(repo.path, since="HEAD")[0]) == wanted
        assert set(changes(repo.path / "sub", since="HEAD")[0]) == {"x.log"}

    def test_a_shallow_clone(self, repo: Repo, tmp_path: Path) -> None:
        repo.commit("two", two=b"2\n")
        three = repo.commit("three", three=b"3\n")
        repo.git("clone", "-q", "--depth", "2", f"file://{repo.path}", str(tmp_path / "shallow"))
        assert set(changes(tmp_path / "shallow", since="HEAD~1")[0]) == {f"three@{three[:12]}"}
        with pytest.raises(UsageError):
            changes(tmp_path / "shallow", since="HEAD~2")


def test_outside_of_a_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not inside a git repository"):
        changes(tmp_path)
    assert not os.path.exists(tmp_path / ".git")
