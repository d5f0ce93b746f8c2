"""Formats for people and their programs: table, Markdown, CSV, PDF."""

from __future__ import annotations

import csv
import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.report.markdown import code, escape
from bartizan.report.result import Result
from bartizan.report.spreadsheet import cell
from bartizan.report.wording import encodable, one_line, several_lines, shortened

Written = Callable[[str, Result], bytes]


def test_the_table(result: Result, written: Written) -> None:
    lines = written("table", result).decode().splitlines()
    assert lines[0].split() == ["RISK", "SEVERITY", "RULE", "WHERE", "WHAT"]
    assert re.match(r" *85\.\d  high +exposure/ollama-unauthenticated +10\.0\.0\.5:11434 +GET /api/tags", lines[1])
    text = "\n".join(lines)
    assert "Findings: 2 critical, 2 high, 1 medium, 2 low, 1 info, 1 accepted" in text
    assert "Baseline: 8 new, 1 known, 1 fixed" in text
    assert "ended on 2026-01-01" in text
    assert "no such finding any more" in text
    assert "Errors:   1 could not be looked at" in text


def test_an_empty_table(empty: Result, written: Written) -> None:
    assert written("table", empty).decode() == "Findings: none\nAssets:   none\n"


TERMINAL = """
import sys
from bartizan.model.asset import Asset, AssetKind
from bartizan.model.finding import Finding
from bartizan.model.inventory import Inventory
from bartizan.model.location import Location
from bartizan.model.scan import Scan
from bartizan.model.severity import Confidence, Severity
from bartizan.report.format import format_named
from bartizan.report.result import make_result
asset = Asset(AssetKind.HOST, "h")
seen = Inventory()
place = Location(path="\\x1b]0;x")
seen.add([asset, Finding("a/b", "[red]t[/red] :smile:", Severity.HIGH, Confidence.FIRM, asset.id, place)])
format_named("table").load()(make_result(Scan(version="0"), seen), sys.stdout.buffer)
sys.stdout.write("still open")
"""


@pytest.mark.parametrize("plain", [False, True])
def test_a_terminal_gets_colours_unless_it_wants_none(plain: bool) -> None:
    master, slave = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")} | {
        "TERM": "xterm-256color"
    }
    environment |= {"NO_COLOR": "1"} if plain else {}
    subprocess.run([sys.executable, "-c", TERMINAL], stdout=slave, env=environment, check=True, timeout=60)
    os.close(slave)
    shown = b""
    while chunk := _read(master):
        shown += chunk
    os.close(master)
    text = shown.decode()
    assert ("\x1b[1;31m" in text) is not plain
    assert "31m" not in text if plain else True
    assert "[red]t[/red] :smile:" in text
    assert "\x1b]0" not in text
    assert text.endswith("still open")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says EIO when the other side is closed
        return b""


def test_no_cell_of_the_csv_is_a_formula(result: Result, written: Written) -> None:
    rows = list(csv.reader(io.StringIO(written("csv", result).decode(), newline=""), strict=True))
    assert len({len(row) for row in rows}) == 1
    for row in rows[1:]:
        for text in row:
            assert text == "" or text[0] not in "=+-@\t\r" or re.fullmatch(r"-?[\d.]+", text)
    evidence = rows[0].index("evidence")
    assert "'=1+1" in [row[evidence] for row in rows]


@given(st.text())
def test_any_text_is_a_harmless_cell(text: str) -> None:
    made = str(cell(text)).lstrip(" ")
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    made.encode()


def test_numbers_stay_numbers() -> None:
    assert [cell(-1), cell(2.5), cell(None)] == [-1, 2.5, ""]


@given(st.text())
def test_any_text_is_text_in_markdown(text: str) -> None:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    for token in parser.parseInline(f"x {escape(text)} x")[0].children or []:
        assert token.type in ("text", "text_special")
    rendered = parser.parse(f"| a | b |\n| - | - |\n| {escape(text)} | {code(text)} |")
    assert [token.type for token in rendered].count("td_open") == 2
    spans = [c.content for token in rendered if token.children for c in token.children if c.type == "code_inline"]
    assert (
        spans == [one_line(text).replace("|", "¦").strip() or " "]
        or spans[0].strip() == one_line(text).replace("|", "¦").strip()
    )


@given(st.text())
def test_wording_leaves_nothing_that_moves_a_terminal(text: str) -> None:
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", one_line(text))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", several_lines(text))
    encodable(text).encode()


@given(st.text(max_size=40), st.integers(1, 40))
def test_what_is_shortened_keeps_both_ends(text: str, width: int) -> None:
    made = shortened(text, width)
    assert len(made) <= max(width, 2)
    assert len(text) > width or made == text


def test_bytes_that_are_no_utf8_are_told_as_bytes() -> None:
    assert encodable(os.fsdecode(b"caf\xe9")) == "caf\\xe9"


def test_pdf(result: Result, written: Written) -> None:
    pytest.importorskip("weasyprint")
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(io.BytesIO(written("pdf", result))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "AI security report" in text
    for entry in result.findings:
        assert entry.id[:8] in text.replace(" ", "")  # folded details are unfolded


def test_pdf_without_its_extra_is_one_clear_line() -> None:
    program = (
        "import sys; sys.modules['weasyprint'] = None\n"
        "from bartizan.report.format import format_of\n"
        "try: format_of('r.pdf').load()\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert answer == "UsageError PDF needs WeasyPrint: pip install 'bartizan[pdf]' and the system's Pango library\n"


def test_markdown_of_nothing(empty: Result, written: Written) -> None:
    text = written("md", replace(empty, paths=())).decode()
    assert "## Findings\n\nNone.\n" in text
    assert "Attack paths" not in text
