"""Standard streams that are closed, full or cut off, and names that would steer a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import Ran

COMMAND = f"{sys.executable} -m bartizan"


def shell(line: str) -> Ran:
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=60)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-"])
def test_a_closed_stream_is_no_error(redirection: str) -> None:
    ran = shell(f"{COMMAND} rules list {redirection}")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", ["version", "--help", "schema", "rules list --format json"])
def test_a_full_standard_output_is_one_line(arguments: str) -> None:
    ran = shell(f"{COMMAND} {arguments} > /dev/full")
    assert ran.code == 2
    assert ran.err == "bartizan: standard output: no space left on device\n"


def test_a_reader_that_leaves_changes_no_exit_code() -> None:
    ran = shell(f"{COMMAND} rules list --format json | true; exit ${{PIPESTATUS[0]}}")
    assert (ran.code, ran.err) == (0, "")


def test_a_group_without_a_command_names_them(bartizan: Callable[..., Ran]) -> None:
    for arguments in ((), ("rules",)):
        ran = bartizan(*arguments)
        assert ran.code == 2
        assert ran.err.startswith("bartizan: name a command: ")
        assert ran.err.count("\n") == 2


def test_an_error_cannot_steer_the_terminal(bartizan: Callable[..., Ran]) -> None:
    ran = bartizan("scan", "--no-store", "/no\x1b[31mpe\u202e\n/x")
    assert ran.code == 2
    assert ran.err == "bartizan: /no\\x1b[31mpe\\u202e /x: no such file or folder\n"


def test_an_unknown_domain_of_rules_is_a_wrong_request(bartizan: Callable[..., Ran]) -> None:
    for arguments in (("rules", "test", "bogus"), ("rules", "list", "--domain", "bogus")):
        ran = bartizan(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("bartizan: no domain is called bogus")
