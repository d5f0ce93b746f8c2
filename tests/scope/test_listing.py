from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.model.errors import ScopeError, UsageError
from bartizan.scope.guard import Guard
from bartizan.scope.listing import check_list, open_list, read_list
from bartizan.scope.target import TargetKind


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "targets.txt"
    path.write_bytes(content)
    return path


def test_lines_comments_and_marks(tmp_path: Path) -> None:
    (tmp_path / "a#b").write_text("x")
    content = b"\xef\xbb\xbf127.0.0.1:80\r\n\n# all\n  127.0.0.1 # one\n%s/a#b\nhttp://localhost/#/x" % os.fsencode(
        tmp_path
    )
    seen = [
        (line.number, line.target.text if line.target else None) for line in read_list(str(written(tmp_path, content)))
    ]
    assert seen == [(1, "127.0.0.1:80"), (4, "127.0.0.1"), (5, f"{tmp_path}/a#b"), (6, "http://localhost/#/x")]


def test_rubbish_is_named_by_its_line(tmp_path: Path) -> None:
    content = b"127.0.0.1\n" + b"x" * 100_000 + b"\n-\na b\n127.0.0.1:99999\n127.0.0.2"
    flaws = {line.number: line.flaw for line in read_list(str(written(tmp_path, content))) if line.target is None}
    assert set(flaws) == {2, 3, 4, 5}
    assert flaws[2] == "longer than 4096 bytes"
    assert "port" in flaws[5]


def test_the_first_line_outside_ends_the_check(tmp_path: Path) -> None:
    listed = open_list(str(written(tmp_path, b"127.0.0.1\nrubbish here\n10.0.0.1:80\n10.0.0.2\n")))
    with pytest.raises(ScopeError, match=r"targets\.txt:3: 10\.0\.0\.1:80 lies outside the scope"):
        check_list(listed, Guard())


def test_names_are_not_resolved_for_the_check(tmp_path: Path) -> None:
    def refuse(name: str) -> list[str]:
        raise AssertionError(name)

    with pytest.raises(ScopeError):
        check_list(open_list(str(written(tmp_path, b"localhost\nexample.org\n"))), Guard(resolver=refuse))


def test_the_tally(tmp_path: Path) -> None:
    tally = check_list(open_list(str(written(tmp_path, b"127.0.0.1\n/\n@@\n/tmp\n"))), Guard())
    assert (tally.usable, tally.paths) == (3, 2)
    assert tally.flaw.startswith(f"{tmp_path}/targets.txt:3: @@")


def test_what_can_be_read_once_is_copied(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"127.0.0.1\n127.0.0.2\n",))
    writer.start()
    listed = open_list(str(pipe))
    writer.join()
    assert (listed.kind, listed.text) == (TargetKind.LIST, str(pipe))
    for _ in range(2):
        assert [line.number for line in read_list(listed.path)] == [1, 2]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    for name in (tmp_path / "missing", tmp_path):
        with pytest.raises(UsageError, match=str(name)):
            open_list(str(name))


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_survived(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = written(tmp_path_factory.mktemp("list"), content)
    for line in read_list(str(path)):
        assert (line.target is None) == bool(line.flaw)
        line.flaw.encode()
