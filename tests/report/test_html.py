"""The page: complete, closed to hostile text, and loading nothing."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from bartizan.report.result import Result

Written = Callable[[str, Result], bytes]
VOID = {"meta", "input", "br", "hr", "img", "link"}


class Page(HTMLParser):
    """Elements and their attributes, and whether every element is closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def text(result: Result, written: Written) -> str:
    return written("html", result).decode()


@pytest.fixture
def page(text: str) -> Page:
    parsed = Page(text)
    assert parsed.open == []
    return parsed


def test_hostile_text_is_text(page: Page) -> None:
    assert sum(tag == "script" for tag, _ in page.elements) == 1
    allowed = {
        "href",
        "rel",
        "id",
        "class",
        "data-severity",
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "scope",
    }
    allowed |= {"aria-label", "title", "hidden", "type", "placeholder", "value", "checked", "open"}
    assert {name for _, attributes in page.elements for name in attributes} <= allowed
    shown = "".join(page.texts)
    assert "</script><script>alert(1)</script>\\x1b[31m\\x00 =cmd|' /C calc'!A0 ]]> `|` \\u202e \\xff & \"'" in shown


def test_nothing_is_loaded_and_only_our_script_may_run(page: Page, text: str) -> None:
    assert not {"img", "link", "iframe", "object", "embed", "audio", "video"} & {tag for tag, _ in page.elements}
    for tag, attributes in page.elements:
        assert "src" not in attributes
        assert "style" not in attributes
        if tag == "a":
            assert re.match("#|https?://", attributes["href"] or "")
    assert not re.search(r"url\(|@import", text)
    script = re.findall("<script>(.*?)</script>", text, re.DOTALL)[-1]
    policy = next(a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in (policy or "")
    assert "default-src 'none'" in (policy or "")


def test_every_link_inside_the_page_leads_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {(a["href"] or "")[1:] for tag, a in page.elements if tag == "a" and (a["href"] or "").startswith("#")}
    assert targets
    assert targets <= set(ids)


def test_it_says_what_a_person_asks(page: Page) -> None:
    shown = " ".join("".join(page.texts).split())
    for sentence in (
        "5 findings ask for action.",
        "7 assets in the inventory; 1 target could not be looked at.",
        "Against the baseline: 8 new, 1 known, 1 fixed.",
        "ended on 2026-01-01: old",
        "is unused: the finding is gone",
        "Accepted by ada: a test host",
        "open to anybody · reachable in the network · a step of an attack path",
        "From the internet to the key",
        "Whoever has it spends your money.",
        "Outside the scope, not contacted",
    ):
        assert sentence in shown, sentence


def test_a_script_reference_is_no_link(result: Result, written: Written) -> None:
    from dataclasses import replace

    key, found = next(iter(result.inventory.findings.items()))
    bad = replace(found, references=("javascript:alert(1)", "https://example.org/a b", 'https://example.org/?"><x>'))
    entries = tuple(replace(e, finding=bad) if e.id == key else e for e in result.findings)
    parsed = Page(written("html", replace(result, findings=entries)).decode())
    links = [attributes["href"] or "" for tag, attributes in parsed.elements if tag == "a"]
    assert not [link for link in links if "javascript" in link or " " in link]
    assert 'https://example.org/?"><x>' in links


def test_an_empty_report_says_so(empty: Result, written: Written) -> None:
    parsed = Page(written("html", empty).decode())
    shown = " ".join("".join(parsed.texts).split())
    assert "Nothing was found. 0 assets in the inventory." in shown
    assert "Everything that was named has been looked at." in shown
    assert "Fix first" not in shown
