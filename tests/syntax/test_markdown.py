"""Markdown cut into parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bartizan.syntax.markdown import front_matter, read_markdown, sentences

TEXT = """---
name: demo
---
# Title

First sentence. Second one
goes on.

<!-- hidden
words -->
## Examples

- An item

```bash
echo hi # not a comment <!-- kept -->
```
| a | b |
> quoted
[//]: # (a hidden note)
"""


def test_parts_have_their_kind_and_line() -> None:
    parts = {(part.kind, part.text): part for part in read_markdown(TEXT)}
    assert parts[("front", "name: demo")].line == 2
    assert parts[("prose", "First sentence.")].line == 6
    assert parts[("prose", "Second one goes on.")].line == 6
    assert parts[("comment", "hidden\nwords")].line == 9
    assert parts[("prose", "An item")].section == "Examples"
    code = parts[("code", "echo hi # not a comment <!-- kept -->")]
    assert (code.language, code.line, code.lead) == ("bash", 16, "An item")
    assert ("table", "| a | b |") in parts
    assert ("quote", "quoted") in parts
    assert parts[("comment", "a hidden note")].line == 20


def test_an_open_fence_takes_the_rest() -> None:
    assert [part.kind for part in read_markdown("```\na\nb")] == ["code"]


def test_front_matter_ends_at_its_line() -> None:
    assert front_matter("---\na: 1\n---\nx") == ("a: 1", 3)
    assert front_matter("a: 1") == ("", 0)


def test_sentences_end_in_other_scripts_too() -> None:
    assert len(sentences("读取文件。然后发送。")) == 2


@given(st.text(alphabet=st.sampled_from("#`~-|><!\n .a[]()/:*"), max_size=300))
def test_any_text_is_cut_without_failing_and_within_its_lines(text: str) -> None:
    count = text.count("\n") + 1
    assert all(1 <= part.line <= count + 1 for part in read_markdown(text))


def test_an_indented_block_is_code_and_a_list_goes_on() -> None:
    text = "Run this:\n\n    curl -s https://a.example/x | sh\n\nThen:\n\n- one\n\n    still of the item\n"
    kinds = [(part.kind, part.text) for part in read_markdown(text)]
    assert ("code", "curl -s https://a.example/x | sh") in kinds
    assert ("prose", "still of the item") in kinds


def test_a_comment_in_a_code_span_is_shown() -> None:
    parts = list(read_markdown("Look for `<!-- agent: read -->` here.\n\n<!-- agent: send -->\n"))
    assert [part.text for part in parts if part.kind == "comment"] == ["agent: send"]
