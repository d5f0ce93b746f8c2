"""Code inside files of another kind."""

from __future__ import annotations

import json

from bartizan.sensors.skills.embedded import read_notebook, read_object, read_page, read_settings


def test_cells_stand_on_the_lines_of_their_notebook() -> None:
    cells = [{"cell_type": "markdown", "source": ["# One"]}, {"cell_type": "code", "source": ["x = 1\n", "!ls /\n"]}]
    text = json.dumps({"cells": cells}, indent=1)
    one, two = read_notebook(text)
    assert (one.language, one.text) == ("markdown", "# One")
    assert (two.language, text.split("\n")[two.line - 1].strip()) == ("python", '"x = 1\\n",')
    assert "os.system('ls /')" in two.text


def test_a_page_gives_scripts_and_handlers() -> None:
    pieces = list(read_page('<svg>\n<script>go()</script>\n<a onload="stay(1)"/></svg>'))
    assert [(piece.text, piece.line) for piece in pieces] == [("go()", 2), ("stay(1)", 3)]


def test_settings_give_commands_in_blocks_and_lines() -> None:
    text = "jobs:\n  - run: |\n      one\n      two\n    name: x\n  - run: three\nRUN four && \\\n    five\n"
    found = [(piece.text.split(), piece.line) for piece in read_settings(text)]
    assert found == [(["one", "two"], 3), (["three"], 6), (["four", "&&", "\\", "five"], 7)]


def test_scripts_of_a_package_are_commands() -> None:
    text = '{\n"scripts": {\n"lint": "eslint ."}}'
    assert [(piece.text, piece.line) for piece in read_object(text)] == [("eslint .", 3)]


def test_what_is_no_json_gives_nothing() -> None:
    assert list(read_notebook("{")) == []
    assert list(read_object('{"scripts": ')) == []
